module faasmesh.dev/tools/traefik/lego-core

go 1.26

require github.com/go-acme/lego/v5 v5.3.1
