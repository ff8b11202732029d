package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// invocations are counted by function and status, as the gateway's metrics are.
type invocations struct {
	mutex   sync.Mutex
	started map[string]int
	total   map[[2]string]int
	seconds map[[2]string]float64
}

func newInvocations() *invocations {
	return &invocations{started: map[string]int{}, total: map[[2]string]int{}, seconds: map[[2]string]float64{}}
}

// labelled is a function's name in metrics: with its namespace.
func labelled(name string) string { return name + "." + env("function_namespace", "openfaas-fn") }

func (i *invocations) start(name string) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.started[labelled(name)]++
}

func (i *invocations) done(name string, status int, took time.Duration) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	key := [2]string{labelled(name), fmt.Sprint(status)}
	i.total[key]++
	i.seconds[key] += took.Seconds()
}

func (f *faas) metrics() http.Handler {
	own := metricsHandler()
	mux := http.NewServeMux()
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, r *http.Request) {
		own.ServeHTTP(w, r)
		f.counts.write(w)
	})
	return mux
}

func (i *invocations) write(w http.ResponseWriter) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	fmt.Fprint(w, "# TYPE gateway_function_invocation_started counter\n")
	for _, name := range slices.Sorted(maps.Keys(i.started)) {
		fmt.Fprintf(w, "gateway_function_invocation_started{function_name=%q} %d\n", name, i.started[name])
	}
	keys := slices.SortedFunc(maps.Keys(i.total), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	fmt.Fprint(w, "# TYPE gateway_function_invocation_total counter\n")
	for _, key := range keys {
		fmt.Fprintf(w, "gateway_function_invocation_total{code=%q,function_name=%q} %d\n", key[1], key[0], i.total[key])
	}
	fmt.Fprint(w, "# TYPE gateway_functions_seconds summary\n")
	for _, key := range keys {
		labels := fmt.Sprintf("{code=%q,function_name=%q}", key[1], key[0])
		fmt.Fprintf(w, "gateway_functions_seconds_sum%s %g\ngateway_functions_seconds_count%[1]s %[3]d\n",
			labels, i.seconds[key], i.total[key])
	}
}

func callID() string {
	var bytes [16]byte
	_, _ = rand.Read(bytes[:])
	return hex.EncodeToString(bytes[:])
}

// recorder keeps the status of a response that is sent on.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController flush and hijack.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// answerBuffer keeps a whole response.
type answerBuffer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *answerBuffer) Header() http.Header               { return b.header }
func (b *answerBuffer) WriteHeader(status int)            { b.status = status }
func (b *answerBuffer) Write(content []byte) (int, error) { return b.body.Write(content) }
