package main

import (
	"encoding/json"
	"net/http"
)

// review is the part of an AdmissionReview (admission.k8s.io/v1) that webhooks here use.
type review struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Request    *request  `json:"request,omitempty"`
	Response   *response `json:"response,omitempty"`
}

type request struct {
	UID  string `json:"uid"`
	Kind struct {
		Kind string `json:"kind"`
	} `json:"kind"`
	Namespace string          `json:"namespace"`
	Object    json.RawMessage `json:"object"`
}

type response struct {
	UID       string `json:"uid"`
	Allowed   bool   `json:"allowed"`
	Patch     []byte `json:"patch,omitempty"`
	PatchType string `json:"patchType,omitempty"`
}

// operation is one operation of a JSON patch.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// mutation returns what is changed in an object that is created; nothing where it stays as it is.
type mutation func(*http.Request, *request) ([]operation, error)

func allow(*http.Request, *request) ([]operation, error) { return nil, nil }

// webhook is an admission webhook on every path of a TLS port.
func webhook(address string, mutate mutation) listener { return secure(address, admission(mutate)) }

func admission(mutate mutation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var given review
		if err := json.NewDecoder(r.Body).Decode(&given); err != nil || given.Request == nil {
			http.Error(w, "expected an AdmissionReview with a request", http.StatusBadRequest)
			return
		}
		answer := response{UID: given.Request.UID, Allowed: true}
		operations, err := mutate(r, given.Request)
		if err == nil && len(operations) > 0 {
			answer.PatchType = "JSONPatch"
			answer.Patch, err = json.Marshal(operations)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		writeJSON(w, http.StatusOK, review{APIVersion: given.APIVersion, Kind: given.Kind, Response: &answer})
	})
}
