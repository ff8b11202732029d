import envPaths from "env-paths";

/**
 * The cache of tools and downloads, by version. It is safe to delete. Set by `FAASMESH_CACHE`. Default: the user's
 * cache folder, ~/.cache/faasmesh on Linux and ~/Library/Caches/faasmesh on macOS.
 */
export const cacheDir = process.env["FAASMESH_CACHE"] ?? envPaths("faasmesh", { suffix: "" }).cache;
