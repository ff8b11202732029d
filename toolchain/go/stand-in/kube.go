package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

// cluster is the API server, as a pod's ServiceAccount reaches it.
type cluster struct {
	url    string
	token  func() string
	client *http.Client
}

func inCluster() (*cluster, error) {
	authority, err := os.ReadFile(accountFolder + "/ca.crt")
	if err != nil {
		return nil, fmt.Errorf("not in a pod with a ServiceAccount: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	return &cluster{
		url: "https://" + net.JoinHostPort(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")),
		token: func() string {
			// The kubelet replaces the token before it expires.
			token, _ := os.ReadFile(accountFolder + "/token")
			return string(token)
		},
		client: &http.Client{Timeout: 10 * time.Second, Transport: transport},
	}, nil
}

// apiError is a response of the API server that is no success.
type apiError struct {
	status int
	text   string
}

func (e apiError) Error() string { return fmt.Sprintf("API server: %d %s", e.status, e.text) }

// get reads an object into `into`.
func (c *cluster) get(ctx context.Context, path string, into any) error {
	return c.send(ctx, http.MethodGet, path, nil, into)
}

// change reads an object, changes it, and writes it: charts of OpenFaaS grant update, not patch.
func (c *cluster) change(ctx context.Context, path string, change func(map[string]any)) error {
	return c.replace(ctx, path, path, change)
}

// changeStatus changes an object's status.
func (c *cluster) changeStatus(ctx context.Context, path string, change func(map[string]any)) error {
	return c.replace(ctx, path, path+"/status", change)
}

func (c *cluster) replace(ctx context.Context, from, to string, change func(map[string]any)) error {
	for tries := 5; ; tries-- {
		object := map[string]any{}
		if err := c.get(ctx, from, &object); err != nil {
			return err
		}
		change(object)
		body, err := json.Marshal(object)
		if err != nil {
			return err
		}
		err = c.send(ctx, http.MethodPut, to, body, nil)
		if conflict := (apiError{}); tries > 1 && errors.As(err, &conflict) && conflict.status == http.StatusConflict {
			continue
		}
		return err
	}
}

func (c *cluster) send(ctx context.Context, method, path string, body []byte, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("authorization", "Bearer "+c.token())
	request.Header.Set("content-type", "application/json")
	answer, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 500))
		return apiError{answer.StatusCode, string(text)}
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(into)
}
