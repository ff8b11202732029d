package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// apiServer answers GET with fixed objects, and records every request with its body.
func apiServer(t *testing.T, objects map[string]string) (*cluster, *[]string) {
	t.Helper()
	var mutex sync.Mutex
	requests := []string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mutex.Lock()
		requests = append(requests, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
		mutex.Unlock()
		text, ok := objects[r.URL.Path]
		if !ok && r.Method == http.MethodGet {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	return &cluster{url: server.URL, token: func() string { return "token" }, client: server.Client()}, &requests
}

const echo = `{"metadata":{"name":"echo","namespace":"fn"},
	"spec":{"replicas":2,"template":{"metadata":{"labels":{"com.openfaas.scale.max":"4"}},"spec":{"containers":[{"image":"echo:1"}]}}},
	"status":{"availableReplicas":1}}`

func testProvider(t *testing.T, endpoints string) (*httptest.Server, *[]string) {
	t.Helper()
	api, requests := apiServer(t, map[string]string{
		"/apis/apps/v1/namespaces/fn/deployments":      `{"items":[` + echo + `]}`,
		"/apis/apps/v1/namespaces/fn/deployments/echo": echo,
		"/api/v1/namespaces/fn/endpoints/echo":         endpoints,
	})
	server := httptest.NewServer((&functions{api: api, namespace: "fn"}).routes())
	t.Cleanup(server.Close)
	return server, requests
}

func send(t *testing.T, method, address, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	made, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for index := 0; index < len(headers); index += 2 {
		made.Header.Set(headers[index], headers[index+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(made)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return answer, string(text)
}

func TestProviderListsFunctions(t *testing.T) {
	server, requests := testProvider(t, "{}")
	_, text := send(t, http.MethodGet, server.URL+"/system/functions", "")
	var found []status
	if err := json.Unmarshal([]byte(text), &found); err != nil || len(found) != 1 {
		t.Fatalf("%v %s", err, text)
	}
	if got := found[0]; got.Name != "echo" || got.Image != "echo:1" || got.Replicas != 2 || got.AvailableReplicas != 1 {
		t.Errorf("got %+v", got)
	}
	if (*requests)[0] != "GET /apis/apps/v1/namespaces/fn/deployments?labelSelector=faas_function" {
		t.Errorf("requests: %v", *requests)
	}
}

func TestProviderScalesWithinTheLimit(t *testing.T) {
	server, requests := testProvider(t, "{}")
	answer, _ := send(t, http.MethodPost, server.URL+"/system/scale-function/echo.fn", `{"replicas":50}`)
	last := (*requests)[len(*requests)-1]
	isPut := strings.HasPrefix(last, "PUT /apis/apps/v1/namespaces/fn/deployments/echo {")
	if answer.StatusCode != http.StatusAccepted || !isPut || !strings.Contains(last, `"replicas":5,"template"`) {
		t.Errorf("%d %v", answer.StatusCode, *requests)
	}
}

func TestAConflictIsWrittenAgain(t *testing.T) {
	puts := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			if puts++; puts < 3 {
				http.Error(w, "changed", http.StatusConflict)
				return
			}
		}
		_, _ = io.WriteString(w, "{}")
	}))
	defer server.Close()
	api := &cluster{url: server.URL, token: func() string { return "" }, client: server.Client()}
	if err := api.change(t.Context(), "/", func(map[string]any) {}); err != nil || puts != 3 {
		t.Errorf("%d writes, %v", puts, err)
	}
}

func TestProviderDeploysNothing(t *testing.T) {
	server, _ := testProvider(t, "{}")
	if answer, _ := send(t, http.MethodPost, server.URL+"/system/functions", "{}"); answer.StatusCode != http.StatusNotImplemented {
		t.Errorf("status %d", answer.StatusCode)
	}
}

func TestProviderCallsAReadyPodOnly(t *testing.T) {
	server, _ := testProvider(t, `{"subsets":[{"notReadyAddresses":[{"ip":"127.0.0.1"}]}]}`)
	answer, text := send(t, http.MethodGet, server.URL+"/function/echo", "")
	if answer.StatusCode != http.StatusServiceUnavailable || !strings.Contains(text, "no endpoints available for: echo") {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
	if answer, _ := send(t, http.MethodGet, server.URL+"/function/other", ""); answer.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown function: status %d", answer.StatusCode)
	}
}

func TestAddressesAreReadAgainAfterAFailure(t *testing.T) {
	var pods readyPods
	reads := 0
	read := func() ([]string, error) { reads++; return []string{"10.0.0.1"}, nil }
	for range 3 {
		if list, err := pods.of("echo", read); err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
	}
	pods.forget("echo")
	_, _ = pods.of("echo", read)
	if reads != 2 {
		t.Errorf("read %d times", reads)
	}
}

// fakeProvider is a provider with one function, without replicas until it is scaled.
func fakeProvider(t *testing.T, replicas int) (*url.URL, *[]string) {
	t.Helper()
	var mutex sync.Mutex
	seen := []string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mutex.Lock()
		defer mutex.Unlock()
		seen = append(seen, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+string(body)))
		switch {
		case strings.HasPrefix(r.URL.Path, "/system/scale-function/"):
			replicas = 1
		case strings.HasPrefix(r.URL.Path, "/system/function/"):
			writeJSON(w, http.StatusOK, status{Name: "echo", Replicas: replicas, AvailableReplicas: replicas,
				Labels: map[string]string{"com.openfaas.scale.min": "2", "com.openfaas.scale.max": "4", "com.openfaas.scale.factor": "50"}})
		default:
			w.Header().Set("x-authorization", r.Header.Get("authorization"))
			w.Header().Set("x-call", r.Header.Get("x-call-id"))
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	t.Cleanup(server.Close)
	address, _ := url.Parse(server.URL)
	return address, &seen
}

func testGateway(t *testing.T, replicas int) (*faas, *httptest.Server, *[]string) {
	t.Helper()
	provider, seen := fakeProvider(t, replicas)
	made := &faas{
		provider: provider, user: "admin", password: "secret", scaleFromZero: true,
		counts: newInvocations(), client: &http.Client{},
	}
	server := httptest.NewServer(made.routes())
	t.Cleanup(server.Close)
	return made, server, seen
}

func TestGatewayWantsThePasswordForItsAPI(t *testing.T) {
	_, server, seen := testGateway(t, 1)
	answer, _ := send(t, http.MethodGet, server.URL+"/system/functions", "")
	if answer.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(answer.Header.Get("www-authenticate"), "Basic") {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
	for name, credentials := range map[string]string{"password": "YWRtaW46eA==", "user": "eDpzZWNyZXQ="} {
		wrong, _ := send(t, http.MethodGet, server.URL+"/ui/", "", "authorization", "Basic "+credentials)
		if wrong.StatusCode != http.StatusUnauthorized || len(*seen) != 0 {
			t.Errorf("wrong %s: %d %v", name, wrong.StatusCode, *seen)
		}
	}
	right, _ := send(t, http.MethodGet, server.URL+"/system/functions", "", "authorization", "Basic YWRtaW46c2VjcmV0")
	if right.StatusCode != http.StatusTeapot || right.Header.Get("x-authorization") != "" {
		t.Errorf("%d; the password reaches the provider: %q", right.StatusCode, right.Header.Get("x-authorization"))
	}
}

func TestGatewayCountsCallsByStatus(t *testing.T) {
	made, server, _ := testGateway(t, 1)
	for range 3 {
		answer, _ := send(t, http.MethodGet, server.URL+"/function/echo/path", "")
		if id := answer.Header.Get("x-call-id"); id == "" || id != answer.Header.Get("x-call") {
			t.Errorf("call ID: %v", answer.Header)
		}
	}
	recorded := httptest.NewRecorder()
	made.metrics().ServeHTTP(recorded, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, line := range []string{
		`gateway_function_invocation_total{code="418",function_name="echo.openfaas-fn"} 3`,
		`gateway_function_invocation_started{function_name="echo.openfaas-fn"} 3`,
		`gateway_functions_seconds_count{code="418",function_name="echo.openfaas-fn"} 3`,
	} {
		if !strings.Contains(recorded.Body.String(), line+"\n") {
			t.Errorf("no %s in\n%s", line, recorded.Body)
		}
	}
}

func TestGatewayWakesAFunction(t *testing.T) {
	_, server, seen := testGateway(t, 0)
	if answer, _ := send(t, http.MethodGet, server.URL+"/function/echo", ""); answer.StatusCode != http.StatusTeapot {
		t.Errorf("status %d", answer.StatusCode)
	}
	if want := `POST /system/scale-function/echo {"replicas":2,"serviceName":"echo"}`; !slices.Contains(*seen, want) {
		t.Errorf("requests: %v", *seen)
	}
}

func TestGatewayCallsBack(t *testing.T) {
	_, server, seen := testGateway(t, 1)
	called := make(chan string, 1)
	back := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		called <- r.Header.Get("x-function-status") + " " + r.Header.Get("x-call-id")
	}))
	defer back.Close()
	answer, _ := send(t, http.MethodPost, server.URL+"/async-function/echo", "x", "x-callback-url", back.URL)
	if answer.StatusCode != http.StatusAccepted {
		t.Errorf("status %d", answer.StatusCode)
	}
	select {
	case got := <-called:
		if got != "418 "+answer.Header.Get("x-call-id") {
			t.Errorf("called back with %s", got)
		}
		if !slices.Contains(*seen, "POST /function/echo x") {
			t.Errorf("requests: %v", *seen)
		}
	case <-time.After(10 * time.Second):
		t.Error("not called back")
	}
}

func TestGatewayScalesByAlerts(t *testing.T) {
	_, server, seen := testGateway(t, 1)
	alert := `{"alerts":[{"status":"firing","labels":{"function_name":"echo.openfaas-fn"}}]}`
	answer, _ := send(t, http.MethodPost, server.URL+"/system/alert", alert, "authorization", "Basic YWRtaW46c2VjcmV0")
	want := `POST /system/scale-function/echo {"replicas":3,"serviceName":"echo"}`
	if answer.StatusCode != http.StatusOK || !slices.Contains(*seen, want) {
		t.Errorf("%d %v", answer.StatusCode, *seen)
	}
}

func TestReplicasForAlerts(t *testing.T) {
	labels := map[string]string{"com.openfaas.scale.min": "2", "com.openfaas.scale.max": "20"}
	for _, each := range []struct {
		alert         string
		replicas, got int
	}{{"firing", 2, 3}, {"firing", 5, 5}, {"firing", 0, 2}, {"resolved", 5, 2}} {
		if got := replicasFor(each.alert, status{Labels: labels, Replicas: each.replicas}); got != each.got {
			t.Errorf("%s at %d: got %d, expected %d", each.alert, each.replicas, got, each.got)
		}
	}
}

func TestGatewayReadsItsSecrets(t *testing.T) {
	folder := secretFolder(t, map[string]string{"basic-auth-user": "admin\n"})
	if user, err := secret(folder, "basic-auth-user"); err != nil || user != "admin" {
		t.Errorf("%q %v", user, err)
	}
	if _, err := secret(folder, "basic-auth-password"); err == nil {
		t.Error("a missing file is no error")
	}
}
