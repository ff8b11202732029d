package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

const tapEnabled = "viz.linkerd.io/tap-enabled"

// tapAPI answers the discovery of the aggregated API tap.linkerd.io, so its APIService is available.
func tapAPI() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.TrimSuffix(r.URL.Path, "/") != "/apis/tap.linkerd.io/v1alpha1" {
			http.Error(w, "a stand-in taps nothing", http.StatusNotFound)
			return
		}
		writeJSON(w, http.StatusOK, map[string]any{
			"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "tap.linkerd.io/v1alpha1",
			"resources": []any{},
		})
	})
}

func tapInjector(ctx context.Context, given arguments) error {
	return listen(ctx, webhook(":8443", tap(given.get("tap-service-name", "tap.linkerd-viz"))), admin(":9995"))
}

// tap names the tap service to a pod's proxy, and marks the pod, as viz' injector does.
func tap(service string) mutation {
	return func(_ *http.Request, given *request) ([]operation, error) {
		var object pod
		if err := json.Unmarshal(given.Object, &object); err != nil {
			return nil, err
		}
		path, proxy := proxyPath(object)
		if path == "" || object.Metadata.Annotations[tapEnabled] != "" || object.Metadata.Annotations["viz.linkerd.io/disable-tap"] == "true" {
			return nil, nil
		}
		operations := []operation{}
		if object.Metadata.Annotations == nil {
			operations = append(operations, operation{"add", "/metadata/annotations", map[string]any{}})
		}
		operations = append(operations, operation{"add", "/metadata/annotations/" + escape(tapEnabled), "true"})
		if proxy.Env == nil {
			operations = append(operations, operation{"add", path + "/env", []any{}})
		}
		return append(operations, operation{"add", path + "/env/-", variable("LINKERD2_PROXY_TAP_SVC_NAME", service)}), nil
	}
}

func proxyPath(object pod) (string, container) {
	for list, containers := range map[string][]container{
		"containers": object.Spec.Containers, "initContainers": object.Spec.InitContainers,
	} {
		for index, each := range containers {
			if each.Name == proxyContainer {
				return fmt.Sprintf("/spec/%s/%d", list, index), each
			}
		}
	}
	return "", container{}
}
