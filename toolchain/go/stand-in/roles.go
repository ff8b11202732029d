package main

import (
	"context"
	"net/http"
	"slices"
)

// role is one program that is replaced.
type role struct {
	// replaces names it, for the log.
	replaces string
	run      func(context.Context, arguments) error
}

// tlsFolder is where Linkerd's charts mount a webhook's certificate.
const tlsFolder = "/var/run/linkerd/tls"

// roles by name: the image's, or that of an executable that a chart starts in the image.
var roles = map[string]role{
	"linkerd-destination":    {"Linkerd's destination controller", serve(plain(":8086", grpcHealth()), admin(":9996"))},
	"linkerd-identity":       {"Linkerd's identity controller", serve(plain(":8080", grpcHealth()), admin(":9990"))},
	"linkerd-sp-validator":   {"Linkerd's validator of service profiles", serve(webhook(":8443", allow), admin(":9997"))},
	"linkerd-policy":         {"Linkerd's policy controller", serve(plain(":8090", grpcHealth()), webhook(":9443", allow), admin(":9990"))},
	"linkerd-proxy-injector": {"Linkerd's proxy injector", injector},
	"linkerd-heartbeat":      {"Linkerd's heartbeat", finish},

	"linkerd-proxy":             {"Linkerd's proxy", proxy},
	"linkerd-proxy-init":        {"Linkerd's proxy-init", proxyInit},
	"linkerd-network-validator": {"Linkerd's network validator", finish},
	"linkerd-await":             {"linkerd-await", await},

	"linkerd-metrics-api":    {"Linkerd viz' metrics API", serve(plain(":8085", emptyJSON()), admin(":9995"))},
	"linkerd-tap-api":        {"Linkerd viz' tap", serve(plain(":8088", grpcHealth()), secure(":8089", tapAPI()), admin(":9998"))},
	"linkerd-tap-injector":   {"Linkerd viz' tap injector", tapInjector},
	"linkerd-web":            {"Linkerd viz' dashboard", serve(plain(":8084", page("Linkerd viz")), admin(":9994"))},
	"linkerd-smi-adaptor":    {"Linkerd's SMI adaptor", serve(admin(":9995"))},
	"linkerd-extension-init": {"Linkerd's extension-init", finish},

	"openfaas-gateway":      {"OpenFaaS's gateway", gateway},
	"openfaas-provider":     {"OpenFaaS's faas-netes", provider},
	"openfaas-queue-worker": {"OpenFaaS's queue-worker", queueWorker},

	"kourier": {"Knative's net-kourier controller", kourierLayer.serve(plain(":18000", grpcHealth()), plain(":9090", metricsHandler()))},
	"envoy": {"Envoy", serve(plain(":8080", unrouted()), plain(":8081", ready()), plain(":8090", ready()),
		plain(":9000", metricsHandler()))},
	"emissary": {"Emissary-ingress", emissaryLayer.serve(plain(":8080", unrouted()), plain(":8877", ready()),
		plain(":8005", emptyJSON()))},

	"function": {"a function", function},
	"wget":     {"wget", wget},
}

// executables are other names of roles: of executables that charts start, and of subcommands.
var executables = map[string]string{
	"linkerd-policy-controller":  "linkerd-policy",
	"linkerd2-proxy":             "linkerd-proxy",
	"linkerd2-proxy-identity":    "linkerd-proxy",
	"linkerd2-proxy-init":        "linkerd-proxy-init",
	"linkerd2-network-validator": "linkerd-network-validator",
	"gateway":                    "openfaas-gateway",
	"faas-netes":                 "openfaas-provider",
	"worker":                     "openfaas-queue-worker",
	"queue-worker":               "openfaas-queue-worker",
}

// find returns a role and its arguments. The images linkerd-controller and linkerd-tap have subcommands.
func find(name string, args []string) (role, []string, bool) {
	if other, ok := executables[name]; ok {
		name = other
	}
	if found, ok := roles[name]; ok {
		return found, args, true
	}
	subcommand := ""
	if len(args) > 0 {
		subcommand = args[0]
	}
	switch found, ok := roles["linkerd-"+subcommand]; {
	case name == "linkerd-controller" && ok:
		return found, args[1:], true
	case name == "linkerd-controller":
		// The policy controller has no subcommand.
		return roles["linkerd-policy"], args, true
	case name == "linkerd-tap" && (subcommand == "api" || subcommand == "injector"):
		return roles["linkerd-tap-"+subcommand], args[1:], true
	}
	return role{}, nil, false
}

func names() []string {
	sorted := []string{"linkerd-controller", "linkerd-tap"}
	for name := range roles {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	return sorted
}

func finish(context.Context, arguments) error { return nil }

func emptyJSON() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, map[string]any{}) })
}

// unrouted is the data path of a proxy that has no routes.
func unrouted() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "a stand-in routes nothing", http.StatusNotFound)
	})
}

func page(title string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("content-type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><title>" + title + "</title><h1>" + title + "</h1><p>A stand-in, without data.</p>\n"))
	})
}
