package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// listener is one port and what answers on it.
type listener struct {
	address string
	handler http.Handler
	// secure: TLS, by the certificate in tlsFolder.
	secure bool
}

func plain(address string, handler http.Handler) listener { return listener{address, handler, false} }

func secure(address string, handler http.Handler) listener { return listener{address, handler, true} }

// admin is the port of probes and metrics of Linkerd's controllers.
func admin(address string) listener {
	mux := http.NewServeMux()
	mux.Handle("/", ready())
	mux.Handle("/metrics", metricsHandler())
	return plain(address, mux)
}

// ready answers every probe.
func ready() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
}

// serve is a role of nothing but listeners.
func serve(listeners ...listener) func(context.Context, arguments) error {
	return func(ctx context.Context, _ arguments) error { return listen(ctx, listeners...) }
}

// grace is how long requests may take after the signal to stop.
const grace = 20 * time.Second

// listen serves until the context ends, and then lets requests finish.
func listen(ctx context.Context, listeners ...listener) error {
	failed := make(chan error, len(listeners))
	var running sync.WaitGroup
	for _, each := range listeners {
		server, err := each.start(failed)
		if err != nil {
			return err
		}
		running.Go(func() {
			<-ctx.Done()
			closing, cancel := context.WithTimeout(context.Background(), grace)
			defer cancel()
			_ = server.Shutdown(closing)
		})
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		running.Wait()
		return nil
	}
}

func (l listener) start(failed chan<- error) (*http.Server, error) {
	socket, err := net.Listen("tcp", l.address)
	if err != nil {
		return nil, err
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: l.handler, ReadHeaderTimeout: 30 * time.Second, Protocols: protocols}
	if l.secure {
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificate}
	}
	go func() {
		var err error
		if l.secure {
			err = server.ServeTLS(socket, "", "")
		} else {
			err = server.Serve(socket)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	log.Printf("listening on %s", l.address)
	return server, nil
}

// certificate is read for every connection, so a rotated one is used without a restart.
func certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(tlsFolder+"/tls.crt", tlsFolder+"/tls.key")
	return &pair, err
}

// grpcHealth answers gRPC's health check, and everything else as a gRPC method that does not exist.
func grpcHealth() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		w.Header().Set("content-type", "application/grpc")
		w.Header().Set("trailer", "grpc-status")
		if request.URL.Path != "/grpc.health.v1.Health/Check" {
			w.Header().Set("grpc-status", "12")
			return
		}
		// A message of two bytes, uncompressed: field 1, SERVING.
		_, _ = w.Write([]byte{0, 0, 0, 0, 2, 8, 1})
		w.Header().Set("grpc-status", "0")
	})
}

func metricsHandler() http.Handler {
	started := time.Now().Unix()
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("content-type", "text/plain; version=0.0.4")
		fmt.Fprintf(w, "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds %d\n", started)
		fmt.Fprint(w, "# HELP stand_in 1: no upstream program runs here.\n# TYPE stand_in gauge\nstand_in 1\n")
	})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("content-type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
