// Package api answers questions about flags over HTTP.
package api

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strings"

	"example.org/flags/internal/flag"
)

const maxBody = 1 << 16

type api struct {
	store *flag.Store
}

// NewHandler returns the routes of the service.
func NewHandler(store *flag.Store) http.Handler {
	a := &api{store: store}
	mux := http.NewServeMux()
	mux.HandleFunc("/health", a.health)
	mux.HandleFunc("/flags", a.list)
	mux.HandleFunc("/flags/", a.one)
	return mux
}

func (a *api) health(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (a *api) list(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		refuse(w, http.MethodGet)
		return
	}
	answer(w, http.StatusOK, map[string][]flag.Flag{"flags": a.store.List()})
}

func (a *api) one(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/flags/")
	switch r.Method {
	case http.MethodGet:
		a.show(w, r, name)
	case http.MethodPut:
		a.put(w, r, name)
	case http.MethodDelete:
		if err := a.store.Delete(name); err != nil {
			fail(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		refuse(w, "GET, PUT, DELETE")
	}
}

func (a *api) show(w http.ResponseWriter, r *http.Request, name string) {
	f, err := a.store.Get(name)
	if err != nil {
		fail(w, err)
		return
	}
	if user := r.URL.Query().Get("user"); user != "" {
		answer(w, http.StatusOK, map[string]bool{"on": f.OnFor(user)})
		return
	}
	answer(w, http.StatusOK, f)
}

func (a *api) put(w http.ResponseWriter, r *http.Request, name string) {
	f := flag.Flag{}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	f.Name = name
	if err := a.store.Put(f); err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, f)
}

func fail(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, flag.ErrNotFound):
		status = http.StatusNotFound
	case errors.Is(err, flag.ErrInvalid):
		status = http.StatusBadRequest
	}
	answer(w, status, map[string]string{"error": err.Error()})
}

func refuse(w http.ResponseWriter, allowed string) {
	w.Header().Set("Allow", allowed)
	answer(w, http.StatusMethodNotAllowed, map[string]string{"error": "method not allowed"})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Printf("cannot answer: %v", err)
	}
}
