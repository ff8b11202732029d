// The stand-in: one program in the images of what no module proxy serves. README.md next to this file.
module faasmesh.dev/tools/stand-in

go 1.26.0

require go.yaml.in/yaml/v3 v3.0.5
