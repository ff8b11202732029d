// Package ext is where Traefik's commercial edition adds to its configuration. Upstream's is a folder of the
// same repository that the module proxy does not serve; it is as empty as this one.
package ext

// HTTP adds to the configuration of HTTP.
type HTTP struct{}

// Router adds to a router.
type Router struct{}
