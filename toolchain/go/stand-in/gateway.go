package main

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// faas is OpenFaaS's gateway, in front of a provider.
type faas struct {
	provider *url.URL
	// user and password: of /system and /ui; none where the chart turns basic auth off.
	user, password string
	scaleFromZero  bool
	counts         *invocations
	client         *http.Client
}

func gateway(ctx context.Context, _ arguments) error {
	provider, err := url.Parse(env("functions_provider_url", "http://127.0.0.1:8081/"))
	if err != nil {
		return err
	}
	made := &faas{
		provider: provider, counts: newInvocations(), client: &http.Client{},
		scaleFromZero: env("scale_from_zero", "true") == "true",
	}
	if env("basic_auth", "false") == "true" {
		folder := env("secret_mount_path", "/var/secrets")
		if made.user, err = secret(folder, "basic-auth-user"); err != nil {
			return err
		}
		if made.password, err = secret(folder, "basic-auth-password"); err != nil {
			return err
		}
	}
	return listen(ctx, plain(":8080", made.routes()), plain(":8082", made.metrics()))
}

func secret(folder, name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(folder, name))
	return strings.TrimSpace(string(text)), err
}

func (f *faas) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/healthz", ready())
	mux.Handle("/system/", f.authenticated(f.forward()))
	mux.Handle("POST /system/alert", f.authenticated(http.HandlerFunc(f.alert)))
	mux.Handle("/ui/", f.authenticated(page("OpenFaaS")))
	mux.Handle("/{$}", http.RedirectHandler("/ui/", http.StatusMovedPermanently))
	mux.HandleFunc("/function/{name}", f.call)
	mux.HandleFunc("/function/{name}/{path...}", f.call)
	mux.HandleFunc("POST /async-function/{name}", f.callLater)
	mux.HandleFunc("POST /async-function/{name}/{path...}", f.callLater)
	return mux
}

func (f *faas) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		isUser := subtle.ConstantTimeCompare([]byte(user), []byte(f.user)) == 1
		if !isUser || subtle.ConstantTimeCompare([]byte(password), []byte(f.password)) != 1 {
			w.Header().Set("www-authenticate", `Basic realm="Restricted"`)
			http.Error(w, "invalid credentials", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (f *faas) forward() http.Handler {
	return &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(f.provider)
		p.Out.Header.Del("authorization")
		p.SetXForwarded()
	}}
}

// call passes a request on, counts it, and names it to the function and the client.
func (f *faas) call(w http.ResponseWriter, r *http.Request) {
	name := bare(r.PathValue("name"))
	mark(w, r)
	if f.scaleFromZero {
		if err := f.wake(r.Context(), name); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			f.counts.done(name, http.StatusServiceUnavailable, 0)
			return
		}
	}
	started := time.Now()
	f.counts.start(name)
	recorded := &recorder{ResponseWriter: w, status: http.StatusOK}
	f.forward().ServeHTTP(recorded, r)
	f.counts.done(name, recorded.status, time.Since(started))
}

func mark(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("x-call-id") == "" {
		r.Header.Set("x-call-id", callID())
	}
	r.Header.Set("x-start-time", fmt.Sprint(time.Now().UnixNano()))
	w.Header().Set("x-call-id", r.Header.Get("x-call-id"))
	w.Header().Set("x-start-time", r.Header.Get("x-start-time"))
}

// callLater accepts a request and makes it in this process: the queue of the Community Edition is not used.
func (f *faas) callLater(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	mark(w, r)
	later := r.Clone(context.WithoutCancel(r.Context()))
	later.Body = io.NopCloser(bytes.NewReader(body))
	later.URL.Path = strings.Replace(r.URL.Path, "/async-function/", "/function/", 1)
	go func() {
		answer := &answerBuffer{header: http.Header{}, status: http.StatusOK}
		f.call(answer, later)
		if callback := r.Header.Get("x-callback-url"); callback != "" {
			f.callBack(callback, answer)
		}
	}()
	w.WriteHeader(http.StatusAccepted)
}

func (f *faas) callBack(address string, answer *answerBuffer) {
	request, err := http.NewRequest(http.MethodPost, address, &answer.body)
	if err == nil {
		request.Header = answer.header
		request.Header.Set("x-function-status", fmt.Sprint(answer.status))
		var response *http.Response
		if response, err = f.client.Do(request); err == nil {
			_ = response.Body.Close()
		}
	}
	if err != nil {
		log.Printf("callback: %v", err)
	}
}

// wakeLimit is how long a request waits for a function that has no pod.
const wakeLimit = time.Minute

// wake scales a function that has no replicas to its minimum, and waits for a ready pod.
func (f *faas) wake(ctx context.Context, name string) error {
	ctx, stop := context.WithTimeout(ctx, wakeLimit)
	defer stop()
	for isScaled := false; ; {
		found, err := f.status(ctx, name)
		// Without a Deployment the provider answers; with a ready pod it routes.
		if err != nil || found.AvailableReplicas > 0 || (found.Replicas > 0 && !isScaled) {
			return nil
		}
		if found.Replicas == 0 {
			isScaled = true
			if err := f.setReplicas(ctx, name, max(number(found.Labels, "com.openfaas.scale.min", 1), 1)); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s has no ready pod after %s", name, wakeLimit)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (f *faas) status(ctx context.Context, name string) (status, error) {
	var found status
	answer, err := f.ask(ctx, http.MethodGet, "system/function/"+name, nil)
	if err != nil {
		return found, err
	}
	defer answer.Body.Close()
	return found, json.NewDecoder(answer.Body).Decode(&found)
}

func (f *faas) setReplicas(ctx context.Context, name string, replicas int) error {
	body, err := json.Marshal(map[string]any{"serviceName": name, "replicas": replicas})
	if err != nil {
		return err
	}
	answer, err := f.ask(ctx, http.MethodPost, "system/scale-function/"+name, body)
	if err == nil {
		_ = answer.Body.Close()
	}
	return err
}

func (f *faas) ask(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, f.provider.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	answer, err := f.client.Do(request)
	if err == nil && answer.StatusCode >= 300 {
		_ = answer.Body.Close()
		return nil, fmt.Errorf("provider: %s of %s", answer.Status, path)
	}
	return answer, err
}

// alert scales functions by Alertmanager's alerts, by the labels com.openfaas.scale.min, max and factor.
func (f *faas) alert(w http.ResponseWriter, r *http.Request) {
	var given struct {
		Alerts []struct {
			Status string
			Labels map[string]string
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&given); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, each := range given.Alerts {
		name := bare(each.Labels["function_name"])
		found, err := f.status(r.Context(), name)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		wanted := replicasFor(each.Status, found)
		if wanted == found.Replicas {
			continue
		}
		log.Printf("scale %s from %d to %d: alert is %s", name, found.Replicas, wanted, each.Status)
		if err := f.setReplicas(r.Context(), name, wanted); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
}

// replicasFor is OpenFaaS's rule: a step of `factor` percent of the maximum while the alert fires, then the minimum.
func replicasFor(alert string, of status) int {
	least := number(of.Labels, "com.openfaas.scale.min", 1)
	most := min(number(of.Labels, "com.openfaas.scale.max", mostReplicas), mostReplicas)
	factor := number(of.Labels, "com.openfaas.scale.factor", 20)
	if alert != "firing" {
		return least
	}
	step := (most*factor + 99) / 100
	return min(max(of.Replicas+step, least), most)
}
