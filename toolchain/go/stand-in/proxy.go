package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

// proxy is a sidecar that no traffic passes through: proxy-init redirects nothing to it.
func proxy(ctx context.Context, _ arguments) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	mux := http.NewServeMux()
	mux.Handle("/ready", ready())
	mux.Handle("/live", ready())
	mux.Handle("/metrics", metricsHandler())
	mux.HandleFunc("POST /shutdown", func(w http.ResponseWriter, _ *http.Request) { stop() })
	_, port, err := net.SplitHostPort(env("LINKERD2_PROXY_ADMIN_LISTEN_ADDR", ":4191"))
	if err != nil {
		return err
	}
	log.Print("requests pass by the proxy, without mutual TLS")
	return listen(ctx, plain(":"+port, mux))
}

// proxyInit prints the ports that the pod's configuration excludes; it changes no network rule.
func proxyInit(_ context.Context, given arguments) error {
	log.Printf("no redirect is set up; excluded inbound ports: %s; excluded outbound ports: %s",
		given.get("inbound-ports-to-ignore", "none"), given.get("outbound-ports-to-ignore", "none"))
	return nil
}

// await ends when the proxy is ready.
func await(ctx context.Context, given arguments) error {
	limit, err := time.ParseDuration(given.get("timeout", "2m"))
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	for fetch(ctx, "http://127.0.0.1:"+given.get("port", "4191")+"/ready", io.Discard) != nil {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the proxy is not ready after %s", limit)
		case <-time.After(200 * time.Millisecond):
		}
	}
	return nil
}

// wget reads one URL, for charts whose probes run wget in the container.
func wget(ctx context.Context, given arguments) error {
	// A flag without a value, such as --spider, takes the URL as its value.
	url := given.get("spider", first(given.rest...))
	return fetch(ctx, url, os.Stdout)
}

func fetch(ctx context.Context, url string, into io.Writer) error {
	ctx, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 400 {
		return fmt.Errorf("%s: %s", url, answer.Status)
	}
	_, err = io.Copy(into, answer.Body)
	return err
}
