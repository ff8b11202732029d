package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// functionPort is the port of every OpenFaaS function.
const functionPort = "8080"

// deployments are the functions' ones.
type deployments struct{ Items []deployment }

type deployment struct {
	Metadata struct {
		Name              string
		Namespace         string
		Labels            map[string]string
		Annotations       map[string]string
		CreationTimestamp string
	}
	Spec struct {
		Replicas *int
		Template struct {
			Metadata struct{ Labels, Annotations map[string]string }
			Spec     struct{ Containers []struct{ Image string } }
		}
	}
	Status struct{ AvailableReplicas int }
}

// status is a function as OpenFaaS's API describes it.
type status struct {
	Name              string            `json:"name"`
	Image             string            `json:"image"`
	Namespace         string            `json:"namespace"`
	Labels            map[string]string `json:"labels,omitempty"`
	Annotations       map[string]string `json:"annotations,omitempty"`
	Replicas          int               `json:"replicas"`
	AvailableReplicas int               `json:"availableReplicas"`
	InvocationCount   int64             `json:"invocationCount"`
	CreatedAt         string            `json:"createdAt,omitempty"`
}

// functionLabel is on the Deployment of every function.
const functionLabel = "faas_function"

func (d deployment) status() status {
	replicas := 1
	if d.Spec.Replicas != nil {
		replicas = *d.Spec.Replicas
	}
	image := ""
	if containers := d.Spec.Template.Spec.Containers; len(containers) > 0 {
		image = containers[0].Image
	}
	return status{
		Name: d.Metadata.Name, Namespace: d.Metadata.Namespace, Image: image,
		Labels: d.Spec.Template.Metadata.Labels, Annotations: d.Metadata.Annotations,
		Replicas: replicas, AvailableReplicas: d.Status.AvailableReplicas, CreatedAt: d.Metadata.CreationTimestamp,
	}
}

// functions are those of one namespace of a cluster.
type functions struct {
	api       *cluster
	namespace string
	ready     readyPods
}

func provider(ctx context.Context, _ arguments) error {
	api, err := inCluster()
	if err != nil {
		return err
	}
	all := &functions{api: api, namespace: env("function_namespace", "openfaas-fn")}
	return listen(ctx, plain(":"+env("port", "8081"), all.routes()))
}

func (f *functions) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/healthz", ready())
	mux.HandleFunc("GET /system/info", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{
			"provider": "faas-netes-stand-in", "orchestration": "kubernetes", "version": map[string]string{"release": "stand-in"},
		})
	})
	mux.HandleFunc("GET /system/namespaces", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, []string{f.namespace})
	})
	mux.HandleFunc("GET /system/functions", f.list)
	mux.HandleFunc("GET /system/function/{name}", f.describe)
	mux.HandleFunc("POST /system/scale-function/{name}", f.scale)
	mux.HandleFunc("/system/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "a stand-in deploys no functions: declare them in the configuration", http.StatusNotImplemented)
	})
	mux.HandleFunc("/function/{name}", f.call)
	mux.HandleFunc("/function/{name}/{path...}", f.call)
	return mux
}

func (f *functions) path(rest string) string {
	return "/apis/apps/v1/namespaces/" + f.namespace + "/deployments" + rest
}

func (f *functions) list(w http.ResponseWriter, r *http.Request) {
	var found deployments
	if err := f.api.get(r.Context(), f.path("?labelSelector="+functionLabel), &found); err != nil {
		fail(w, err)
		return
	}
	all := []status{}
	for _, each := range found.Items {
		all = append(all, each.status())
	}
	writeJSON(w, http.StatusOK, all)
}

func (f *functions) describe(w http.ResponseWriter, r *http.Request) {
	var found deployment
	if err := f.api.get(r.Context(), f.path("/"+bare(r.PathValue("name"))), &found); err != nil {
		fail(w, err)
		return
	}
	writeJSON(w, http.StatusOK, found.status())
}

// mostReplicas is the Community Edition's limit.
const mostReplicas = 5

func (f *functions) scale(w http.ResponseWriter, r *http.Request) {
	var wanted struct{ Replicas int }
	if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	replicas := min(max(wanted.Replicas, 0), mostReplicas)
	set := func(object map[string]any) {
		if spec, ok := object["spec"].(map[string]any); ok {
			spec["replicas"] = replicas
		}
	}
	if err := f.api.change(r.Context(), f.path("/"+bare(r.PathValue("name"))), set); err != nil {
		fail(w, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// call passes a request to one ready pod of a function, as the Community Edition does: by the pod's address.
func (f *functions) call(w http.ResponseWriter, r *http.Request) {
	name := bare(r.PathValue("name"))
	addresses, err := f.ready.of(name, func() ([]string, error) { return f.endpoints(r.Context(), name) })
	if err != nil {
		fail(w, err)
		return
	}
	if len(addresses) == 0 {
		http.Error(w, "no endpoints available for: "+name, http.StatusServiceUnavailable)
		return
	}
	target := &url.URL{Scheme: "http", Host: net.JoinHostPort(addresses[rand.IntN(len(addresses))], functionPort)}
	forward := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.URL.Path = "/" + r.PathValue("path")
			p.Out.URL.RawPath = ""
			p.SetXForwarded()
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			f.ready.forget(name)
			http.Error(w, fmt.Sprintf("cannot reach %s at %s: %v", name, target.Host, err), http.StatusBadGateway)
		},
	}
	forward.ServeHTTP(w, r)
}

func (f *functions) endpoints(ctx context.Context, name string) ([]string, error) {
	var found struct {
		Subsets []struct{ Addresses []struct{ IP string } }
	}
	if err := f.api.get(ctx, "/api/v1/namespaces/"+f.namespace+"/endpoints/"+name, &found); err != nil {
		return nil, err
	}
	var addresses []string
	for _, subset := range found.Subsets {
		for _, each := range subset.Addresses {
			addresses = append(addresses, each.IP)
		}
	}
	return addresses, nil
}

// readyFor is how long the addresses of a function's pods are used without reading them again.
const readyFor = 250 * time.Millisecond

// readyPods are the addresses of each function's ready pods.
type readyPods struct {
	mutex sync.Mutex
	known map[string]addresses
}

type addresses struct {
	list []string
	at   time.Time
}

func (p *readyPods) of(name string, read func() ([]string, error)) ([]string, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if found, ok := p.known[name]; ok && time.Since(found.at) < readyFor {
		return found.list, nil
	}
	list, err := read()
	if err != nil {
		return nil, err
	}
	if p.known == nil {
		p.known = map[string]addresses{}
	}
	p.known[name] = addresses{list, time.Now()}
	return list, nil
}

func (p *readyPods) forget(name string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.known, name)
}

// bare is a function's name without its namespace.
func bare(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return name
}

func fail(w http.ResponseWriter, err error) {
	code := http.StatusInternalServerError
	if answer := (apiError{}); errors.As(err, &answer) {
		code = answer.status
	}
	http.Error(w, err.Error(), code)
}

// number is a label's value; `missing` where it is none.
func number(labels map[string]string, name string, missing int) int {
	if value, err := strconv.Atoi(labels[name]); err == nil {
		return value
	}
	return missing
}
