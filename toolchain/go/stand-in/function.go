package main

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// answer is what a function returns.
type answer struct {
	Name  string `json:"name"`
	Pod   string `json:"pod"`
	Count int64  `json:"count"`
	Path  string `json:"path,omitempty"`
}

// counter is a function that counts its requests.
type counter struct {
	name, pod string
	count     atomic.Int64
}

func function(ctx context.Context, _ arguments) error {
	pod, _ := os.Hostname()
	made := &counter{name: functionName(pod), pod: pod}
	return listen(ctx, plain(":"+env("PORT", "8080"), made.routes()))
}

// functionName is set by NAME; Knative sets K_REVISION; otherwise it is that of the pod's Deployment.
func functionName(pod string) string {
	parts := strings.Split(pod, "-")
	owner := strings.Join(parts[:max(len(parts)-2, 1)], "-")
	return first(os.Getenv("NAME"), os.Getenv("K_REVISION"), owner)
}

func (c *counter) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/_/health", ready())
	mux.Handle("/_/ready", ready())
	mux.HandleFunc("/count", func(w http.ResponseWriter, r *http.Request) { c.answer(w, http.StatusOK, c.count.Load(), "") })
	mux.HandleFunc("/", c.call)
	return mux
}

// longest is the most that `?sleep=` may ask for.
const longest = 10 * time.Minute

// call counts a request, is slow with `?sleep=<duration>`, and fails with `?status=<code>`.
func (c *counter) call(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	code := http.StatusOK
	if text := query.Get("status"); text != "" {
		parsed, err := strconv.Atoi(text)
		if err != nil || parsed < 200 || parsed > 599 {
			http.Error(w, "status: got "+strconv.Quote(text)+", expected 200 to 599", http.StatusBadRequest)
			return
		}
		code = parsed
	}
	if text := query.Get("sleep"); text != "" {
		pause, err := time.ParseDuration(text)
		if err != nil || pause < 0 || pause > longest {
			http.Error(w, "sleep: got "+strconv.Quote(text)+", expected a duration such as 500ms, up to 10m", http.StatusBadRequest)
			return
		}
		select {
		case <-time.After(pause):
		case <-r.Context().Done():
			return
		}
	}
	c.answer(w, code, c.count.Add(1), r.URL.Path)
}

func (c *counter) answer(w http.ResponseWriter, code int, count int64, path string) {
	w.Header().Set("x-served-by", c.name)
	writeJSON(w, code, answer{Name: c.name, Pod: c.pod, Count: count, Path: path})
}
