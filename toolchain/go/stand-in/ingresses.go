package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"strings"
	"time"
)

const (
	ingresses    = "/apis/networking.internal.knative.dev/v1alpha1"
	ingressClass = "networking.knative.dev/ingress.class"
	// ingressPause is the time between two looks at the Ingresses.
	ingressPause = time.Second
)

// layer is a networking layer of Knative, which sets the status of its Ingresses.
type layer struct {
	// class is the start of the name of its Ingress class.
	class string
	// public and private are the Services of its gateway; Emissary never sets a public one.
	public, private string
}

var (
	kourierLayer  = layer{"kourier", "kourier.kourier-system.svc.cluster.local", "kourier-internal.kourier-system.svc.cluster.local"}
	emissaryLayer = layer{"ambassador", "", "emissary-ingress.emissary.svc.cluster.local"}
)

// ingress is the part of a Knative Ingress (networking.internal.knative.dev) that decides its status.
type ingress struct {
	Metadata struct {
		Name, Namespace   string
		Generation        int64
		DeletionTimestamp string
		Annotations       map[string]string
	}
	Status struct{ ObservedGeneration int64 }
}

// serve answers on the layer's ports, and reports each generation of its Ingresses as ready.
func (l layer) serve(listeners ...listener) func(context.Context, arguments) error {
	return func(ctx context.Context, _ arguments) error {
		api, err := inCluster()
		if err != nil {
			return err
		}
		go l.watch(ctx, api)
		return listen(ctx, listeners...)
	}
}

func (l layer) watch(ctx context.Context, api *cluster) {
	last := ""
	for {
		text := ""
		if err := l.report(ctx, api); err != nil {
			text = err.Error()
		}
		// An error that repeats every second is printed once.
		if text != last && text != "" && ctx.Err() == nil {
			log.Printf("Ingresses: %s", text)
		}
		last = text
		select {
		case <-ctx.Done():
			return
		case <-time.After(ingressPause):
		}
	}
}

// report sets the status of the Ingresses whose generation has none yet.
func (l layer) report(ctx context.Context, api *cluster) error {
	var found struct{ Items []ingress }
	err := api.get(ctx, ingresses+"/ingresses", &found)
	if missing := (apiError{}); errors.As(err, &missing) && missing.status == http.StatusNotFound {
		// Knative is not installed.
		return nil
	}
	if err != nil {
		return err
	}
	for _, each := range found.Items {
		if !l.isDue(each) {
			continue
		}
		path := ingresses + "/namespaces/" + each.Metadata.Namespace + "/ingresses/" + each.Metadata.Name
		// The status is written for the generation that was read: it decides what is due next.
		set := func(object map[string]any) { object["status"] = l.status(generationOf(object)) }
		if err := api.changeStatus(ctx, path, set); err != nil {
			return err
		}
	}
	return nil
}

func (l layer) isDue(given ingress) bool {
	return given.Metadata.DeletionTimestamp == "" &&
		given.Status.ObservedGeneration != given.Metadata.Generation &&
		strings.HasPrefix(given.Metadata.Annotations[ingressClass], l.class)
}

func generationOf(object map[string]any) any {
	metadata, _ := object["metadata"].(map[string]any)
	return metadata["generation"]
}

func (l layer) status(generation any) map[string]any {
	now := time.Now().UTC().Format(time.RFC3339)
	var conditions []any
	for _, each := range []string{"LoadBalancerReady", "NetworkConfigured", "Ready"} {
		conditions = append(conditions, map[string]any{"type": each, "status": "True", "lastTransitionTime": now})
	}
	status := map[string]any{
		"observedGeneration": generation, "conditions": conditions, "privateLoadBalancer": balancer(l.private),
	}
	if l.public != "" {
		status["publicLoadBalancer"] = balancer(l.public)
	}
	return status
}

func balancer(domain string) map[string]any {
	return map[string]any{"ingress": []any{map[string]any{"domainInternal": domain}}}
}
