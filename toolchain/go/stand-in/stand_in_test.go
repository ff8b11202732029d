package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFindsItsRole(t *testing.T) {
	for _, each := range []struct {
		args []string
		want string
		rest []string
	}{
		{[]string{"/stand-in", "linkerd-controller", "destination", "-addr=:1"}, "Linkerd's destination controller", []string{"-addr=:1"}},
		{[]string{"/stand-in", "linkerd-controller", "--default-policy=x"}, "Linkerd's policy controller", []string{"--default-policy=x"}},
		{[]string{"/linkerd-policy-controller", "--x"}, "Linkerd's policy controller", []string{"--x"}},
		{[]string{"/usr/lib/linkerd/linkerd2-proxy-init", "--ipv6=false"}, "Linkerd's proxy-init", []string{"--ipv6=false"}},
		{[]string{"/stand-in", "linkerd-tap", "injector", "-a"}, "Linkerd viz' tap injector", []string{"-a"}},
		{[]string{"./gateway"}, "OpenFaaS's gateway", nil},
		{[]string{"/stand-in", "nothing"}, "", nil},
		{[]string{"/stand-in"}, "", nil},
	} {
		name, args := roleName(each.args)
		found, rest, _ := find(name, args)
		if found.replaces != each.want || !slices.Equal(rest, each.rest) && each.want != "" {
			t.Errorf("%v: got %q with %v, expected %q with %v", each.args, found.replaces, rest, each.want, each.rest)
		}
	}
}

func TestReadsFlagsInBothForms(t *testing.T) {
	parsed := parseArguments([]string{"run", "-a=1", "--b", "2", "--c", "--d=", "more"})
	for name, want := range map[string]string{"a": "1", "b": "2", "c": "", "d": "", "e": "none"} {
		if got := parsed.get(name, "none"); got != want {
			t.Errorf("%s: got %q, expected %q", name, got, want)
		}
	}
	if !slices.Equal(parsed.rest, []string{"run", "more"}) {
		t.Errorf("rest: %v", parsed.rest)
	}
}

// freePort is one that nothing listens on.
func freePort(t *testing.T) string {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	return socket.Addr().String()
}

func TestServesUntilTheSignalAndFinishesRequests(t *testing.T) {
	address := freePort(t)
	ctx, stop := context.WithCancel(context.Background())
	entered := make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		time.Sleep(200 * time.Millisecond)
		_, _ = io.WriteString(w, "done")
	})
	ended := make(chan error)
	go func() { ended <- listen(ctx, plain(address, slow)) }()
	answered := make(chan string)
	go func() {
		for {
			answer, err := http.Get("http://" + address)
			if err != nil {
				time.Sleep(10 * time.Millisecond)
				continue
			}
			text, _ := io.ReadAll(answer.Body)
			answered <- string(text)
			return
		}
	}()
	<-entered
	stop()
	if text := <-answered; text != "done" {
		t.Errorf("got %q", text)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAPortInUseIsAnError(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if err := listen(context.Background(), plain(socket.Addr().String(), ready())); err == nil {
		t.Error("no error")
	}
}

func TestAnswersGRPCsHealthCheck(t *testing.T) {
	server := httptest.NewUnstartedServer(grpcHealth())
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	for path, want := range map[string]string{"/grpc.health.v1.Health/Check": "0", "/other.Service/Method": "12"} {
		answer, err := server.Client().Post(server.URL+path, "application/grpc", nil)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		if got := first(answer.Trailer.Get("grpc-status"), answer.Header.Get("grpc-status")); got != want {
			t.Errorf("%s: grpc-status %q, expected %q", path, got, want)
		}
		if want == "0" && string(body) != "\x00\x00\x00\x00\x02\x08\x01" {
			t.Errorf("body %x", body)
		}
	}
}

func TestTapAnswersDiscovery(t *testing.T) {
	for path, want := range map[string]int{"/apis/tap.linkerd.io/v1alpha1": 200, "/apis/tap.linkerd.io/v1alpha1/watch/pods": 404} {
		recorded := httptest.NewRecorder()
		tapAPI().ServeHTTP(recorded, httptest.NewRequest(http.MethodGet, path, nil))
		if recorded.Code != want {
			t.Errorf("%s: %d, expected %d", path, recorded.Code, want)
		}
	}
}

func TestFunctionCountsIsSlowAndFails(t *testing.T) {
	made := &counter{name: "echo", pod: "echo-1"}
	call := func(target string) (int, answer, time.Duration) {
		recorded := httptest.NewRecorder()
		started := time.Now()
		made.routes().ServeHTTP(recorded, httptest.NewRequest(http.MethodGet, target, nil))
		var parsed answer
		_ = json.Unmarshal(recorded.Body.Bytes(), &parsed)
		return recorded.Code, parsed, time.Since(started)
	}
	if code, got, _ := call("/some/path"); code != 200 || got != (answer{"echo", "echo-1", 1, "/some/path"}) {
		t.Errorf("%d %+v", code, got)
	}
	if code, got, _ := call("/?status=503"); code != 503 || got.Count != 2 {
		t.Errorf("%d %+v", code, got)
	}
	if _, _, took := call("/?sleep=50ms"); took < 50*time.Millisecond {
		t.Errorf("took %s", took)
	}
	for _, wrong := range []string{"/?status=99", "/?status=x", "/?sleep=1", "/?sleep=-1s"} {
		if code, _, _ := call(wrong); code != http.StatusBadRequest {
			t.Errorf("%s: %d", wrong, code)
		}
	}
	call("/_/health")
	if _, got, _ := call("/count"); got.Count != 3 {
		t.Errorf("count: %+v", got)
	}
}

func TestFunctionSaysItsName(t *testing.T) {
	t.Setenv("NAME", "")
	t.Setenv("K_REVISION", "")
	if got := functionName("echo-blue-6d5f8c-x2x9z"); got != "echo-blue" {
		t.Errorf("got %q", got)
	}
	t.Setenv("K_REVISION", "hello-00001")
	if got := functionName("hello-00001-deployment-6d5f8c-x2x9z"); got != "hello-00001" {
		t.Errorf("got %q", got)
	}
	t.Setenv("NAME", "mine")
	if got := functionName("a-b-c"); got != "mine" {
		t.Errorf("got %q", got)
	}
}

func TestQueueWorkerWaitsForNATSGreeting(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	go func() {
		connection, err := socket.Accept()
		if err == nil {
			_, _ = io.WriteString(connection, "INFO {}\r\n")
			_ = connection.Close()
		}
	}()
	if err := greeted(socket.Addr().String()); err != nil {
		t.Error(err)
	}
	if err := greeted(freePort(t)); err == nil {
		t.Error("no error without NATS")
	}
}

func TestAwaitsTheProxy(t *testing.T) {
	server := httptest.NewServer(ready())
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":")+1:]
	if err := await(context.Background(), parseArguments([]string{"--timeout=2s", "--port=" + port})); err != nil {
		t.Error(err)
	}
	_, free, _ := net.SplitHostPort(freePort(t))
	if err := await(context.Background(), parseArguments([]string{"--timeout=300ms", "--port=" + free})); err == nil {
		t.Error("no error without a proxy")
	}
}

func TestWgetFails(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	if err := wget(context.Background(), parseArguments([]string{"--quiet", "--tries=1", "--spider", server.URL})); err == nil {
		t.Error("no error of a page that does not exist")
	}
}
