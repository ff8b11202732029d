// Where Pulumi starts the pack. It has set TypeScript up to check types at every start, which takes longer than all
// the rules together; types are checked by `npm test`.
delete require.extensions[".ts"];
require("../lab/register");
require("./pack");
