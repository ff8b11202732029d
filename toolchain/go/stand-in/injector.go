package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	proxyContainer = "linkerd-proxy"
	injectKey      = "linkerd.io/inject"
	configPrefix   = "config.linkerd.io/"
	valuesFile     = "/var/run/linkerd/config/values"
)

// values are the part of the chart's values, in ConfigMap linkerd-config, that the injector uses.
type values struct {
	LinkerdVersion  string `yaml:"linkerdVersion"`
	ImagePullPolicy string `yaml:"imagePullPolicy"`
	Proxy           struct {
		Image struct {
			Name       string `yaml:"name"`
			Version    string `yaml:"version"`
			PullPolicy string `yaml:"pullPolicy"`
		} `yaml:"image"`
		UID           int64  `yaml:"uid"`
		NativeSidecar *bool  `yaml:"nativeSidecar"`
		OpaquePorts   string `yaml:"opaquePorts"`
	} `yaml:"proxy"`
	ProxyInit struct {
		IgnoreInboundPorts  string `yaml:"ignoreInboundPorts"`
		IgnoreOutboundPorts string `yaml:"ignoreOutboundPorts"`
		RunAsUser           int64  `yaml:"runAsUser"`
	} `yaml:"proxyInit"`
	CNIEnabled bool `yaml:"cniEnabled"`
}

func readValues(text []byte) (values, error) {
	var read values
	read.Proxy.Image.Name = "cr.l5d.io/linkerd/proxy"
	read.Proxy.UID = 2102
	read.ProxyInit.RunAsUser = 65534
	if err := yaml.Unmarshal(text, &read); err != nil {
		return read, fmt.Errorf("%s: %w", valuesFile, err)
	}
	if read.ProxyInit.RunAsUser == 0 {
		read.ProxyInit.RunAsUser = 65534
	}
	return read, nil
}

func (v values) image() string {
	return v.Proxy.Image.Name + ":" + first(v.Proxy.Image.Version, v.LinkerdVersion)
}

func (v values) isNative() bool { return v.Proxy.NativeSidecar == nil || *v.Proxy.NativeSidecar }

// pod is the part of a Pod that the injectors read.
type pod struct {
	Metadata struct {
		Annotations map[string]string `json:"annotations"`
		Labels      map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec struct {
		HostNetwork    bool        `json:"hostNetwork"`
		Volumes        []any       `json:"volumes"`
		Containers     []container `json:"containers"`
		InitContainers []container `json:"initContainers"`
	} `json:"spec"`
}

type container struct {
	Name  string `json:"name"`
	Env   []any  `json:"env"`
	Ports []struct {
		ContainerPort int `json:"containerPort"`
	} `json:"ports"`
}

// annotations are those of a pod's namespace and its own, which win.
type annotations struct{ pod, namespace map[string]string }

func (a annotations) get(key string) string { return first(a.pod[key], a.namespace[key]) }

// isInjected is Linkerd's own rule, as far as a pod decides it.
func (a annotations) isInjected(given pod) bool {
	if mode := a.get(injectKey); mode != "enabled" && mode != "ingress" {
		return false
	}
	return !given.Spec.HostNetwork && !hasProxy(given)
}

func hasProxy(given pod) bool {
	for _, each := range append(given.Spec.Containers, given.Spec.InitContainers...) {
		if each.Name == proxyContainer {
			return true
		}
	}
	return false
}

func injector(ctx context.Context, _ arguments) error {
	api, err := inCluster()
	if err != nil {
		return err
	}
	return listen(ctx, webhook(":8443", inject(api)), admin(":9995"))
}

func inject(api *cluster) mutation {
	return func(r *http.Request, given *request) ([]operation, error) {
		var object pod
		if given.Kind.Kind != "Pod" {
			return nil, nil
		}
		if err := json.Unmarshal(given.Object, &object); err != nil {
			return nil, err
		}
		var namespace struct {
			Metadata struct{ Annotations map[string]string }
		}
		if err := api.get(r.Context(), "/api/v1/namespaces/"+given.Namespace, &namespace); err != nil {
			return nil, err
		}
		set := annotations{object.Metadata.Annotations, namespace.Metadata.Annotations}
		if !set.isInjected(object) {
			return nil, nil
		}
		text, err := os.ReadFile(valuesFile)
		if err != nil {
			return nil, err
		}
		chart, err := readValues(text)
		if err != nil {
			return nil, err
		}
		return patch(object, set, chart, given.Namespace), nil
	}
}

// patch adds the proxy: proxy-init first, then the proxy as a native sidecar, as Linkerd's injector does.
func patch(object pod, set annotations, chart values, namespace string) []operation {
	operations := roots(object)
	add := func(path string, value any) { operations = append(operations, operation{"add", path, value}) }
	add("/metadata/annotations/"+escape("linkerd.io/created-by"), "linkerd/proxy-injector stand-in")
	add("/metadata/annotations/"+escape("linkerd.io/proxy-version"), chart.LinkerdVersion)
	add("/metadata/labels/"+escape("linkerd.io/control-plane-ns"), "linkerd")
	add("/metadata/labels/"+escape("linkerd.io/workload-ns"), namespace)
	for _, volume := range volumes(chart) {
		add("/spec/volumes/-", volume)
	}
	index := 0
	if !chart.CNIEnabled {
		add("/spec/initContainers/0", initContainer(set, chart))
		index = 1
	}
	sidecar := sidecarContainer(object, set, chart)
	if chart.isNative() {
		sidecar["restartPolicy"] = "Always"
		sidecar["startupProbe"] = map[string]any{"httpGet": probe("/ready"), "periodSeconds": 1, "failureThreshold": 120}
		add(fmt.Sprintf("/spec/initContainers/%d", index), sidecar)
	} else {
		add("/spec/containers/-", sidecar)
	}
	return operations
}

// roots are the maps and lists that a JSON patch needs before it can add to them.
func roots(object pod) []operation {
	var missing []operation
	for path, isMissing := range map[string]bool{
		"/metadata/annotations": object.Metadata.Annotations == nil,
		"/metadata/labels":      object.Metadata.Labels == nil,
	} {
		if isMissing {
			missing = append(missing, operation{"add", path, map[string]any{}})
		}
	}
	for path, isMissing := range map[string]bool{
		"/spec/volumes":        object.Spec.Volumes == nil,
		"/spec/initContainers": object.Spec.InitContainers == nil,
	} {
		if isMissing {
			missing = append(missing, operation{"add", path, []any{}})
		}
	}
	return missing
}

func volumes(chart values) []map[string]any {
	memory := map[string]any{"name": "linkerd-identity-end-entity", "emptyDir": map[string]any{"medium": "Memory"}}
	token := map[string]any{"name": "linkerd-identity-token", "projected": map[string]any{"sources": []any{
		map[string]any{"serviceAccountToken": map[string]any{
			"path": "linkerd-identity-token", "audience": "identity.l5d.io", "expirationSeconds": 86400,
		}},
	}}}
	if chart.CNIEnabled {
		return []map[string]any{memory, token}
	}
	lock := map[string]any{"name": "linkerd-proxy-init-xtables-lock", "emptyDir": map[string]any{}}
	return []map[string]any{lock, memory, token}
}

func initContainer(set annotations, chart values) map[string]any {
	args := []string{
		"--incoming-proxy-port", "4143", "--outgoing-proxy-port", "4140",
		"--proxy-uid", strconv.FormatInt(chart.Proxy.UID, 10),
		"--inbound-ports-to-ignore",
		join("4190,4191", first(set.get(configPrefix+"skip-inbound-ports"), chart.ProxyInit.IgnoreInboundPorts)),
	}
	if skip := first(set.get(configPrefix+"skip-outbound-ports"), chart.ProxyInit.IgnoreOutboundPorts); skip != "" {
		args = append(args, "--outbound-ports-to-ignore", skip)
	}
	security := restricted(chart.ProxyInit.RunAsUser)
	security["capabilities"] = map[string]any{"add": []string{"NET_ADMIN", "NET_RAW"}}
	return map[string]any{
		"name": "linkerd-init", "image": chart.image(), "imagePullPolicy": pullPolicy(chart),
		"command": []string{"/usr/lib/linkerd/linkerd2-proxy-init"}, "args": args,
		"securityContext":          security,
		"terminationMessagePolicy": "FallbackToLogsOnError",
		"volumeMounts": []any{
			map[string]any{"name": "linkerd-proxy-init-xtables-lock", "mountPath": "/run"},
		},
	}
}

func sidecarContainer(object pod, set annotations, chart values) map[string]any {
	var inbound []string
	for _, each := range object.Spec.Containers {
		for _, port := range each.Ports {
			inbound = append(inbound, strconv.Itoa(port.ContainerPort))
		}
	}
	security := restricted(chart.Proxy.UID)
	security["capabilities"] = map[string]any{"drop": []string{"ALL"}}
	return map[string]any{
		"name": proxyContainer, "image": chart.image(), "imagePullPolicy": pullPolicy(chart),
		"env": []any{
			variable("LINKERD2_PROXY_INBOUND_PORTS", strings.Join(inbound, ",")),
			variable("LINKERD2_PROXY_INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION",
				first(set.get(configPrefix+"opaque-ports"), chart.Proxy.OpaquePorts)),
			variable("LINKERD2_PROXY_INGRESS_MODE", strconv.FormatBool(set.get(injectKey) == "ingress")),
		},
		"ports": []any{
			map[string]any{"name": "linkerd-proxy", "containerPort": 4143},
			map[string]any{"name": "linkerd-admin", "containerPort": 4191},
		},
		"livenessProbe":            map[string]any{"httpGet": probe("/live"), "initialDelaySeconds": 10},
		"readinessProbe":           map[string]any{"httpGet": probe("/ready"), "initialDelaySeconds": 2},
		"resources":                resources(set),
		"securityContext":          security,
		"terminationMessagePolicy": "FallbackToLogsOnError",
		"volumeMounts": []any{
			map[string]any{"name": "linkerd-identity-end-entity", "mountPath": "/var/run/linkerd/identity/end-entity"},
			map[string]any{"name": "linkerd-identity-token", "mountPath": "/var/run/secrets/tokens"},
		},
	}
}

func resources(set annotations) map[string]any {
	all := map[string]any{}
	for kind, suffix := range map[string]string{"requests": "request", "limits": "limit"} {
		amounts := map[string]string{}
		for _, resource := range []string{"cpu", "memory"} {
			if amount := set.get(configPrefix + "proxy-" + resource + "-" + suffix); amount != "" {
				amounts[resource] = amount
			}
		}
		if len(amounts) > 0 {
			all[kind] = amounts
		}
	}
	return all
}

func restricted(user int64) map[string]any {
	return map[string]any{
		"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true, "runAsUser": user,
		"seccompProfile": map[string]any{"type": "RuntimeDefault"},
	}
}

func pullPolicy(chart values) string {
	return first(chart.Proxy.Image.PullPolicy, chart.ImagePullPolicy, "IfNotPresent")
}

func probe(path string) map[string]any { return map[string]any{"path": path, "port": 4191} }

func variable(name, value string) map[string]any { return map[string]any{"name": name, "value": value} }

func escape(key string) string { return strings.ReplaceAll(key, "/", "~1") }

func join(parts ...string) string {
	var filled []string
	for _, each := range parts {
		if each != "" {
			filled = append(filled, each)
		}
	}
	return strings.Join(filled, ",")
}

// first is the first text that is not empty.
func first(texts ...string) string {
	for _, each := range texts {
		if each != "" {
			return each
		}
	}
	return ""
}
