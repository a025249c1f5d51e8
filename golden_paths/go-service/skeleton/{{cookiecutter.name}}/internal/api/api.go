// Package api answers requests over HTTP.
package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"{{ cookiecutter.module_path }}/internal/item"
)

// maxBody is how long the body of a request may be, in bytes.
const maxBody = 1 << 20

// Store is what the API needs of a store of items.
type Store interface {
	Add(name string) (item.Item, error)
	Get(id string) (item.Item, error)
	List() []item.Item
	Delete(id string) error
}

type api struct {
	store Store
	log   *slog.Logger
}

// NewHandler returns the routes of the service, with what every request goes through.
func NewHandler(store Store, health *Health, log *slog.Logger) http.Handler {
	a := &api{store: store, log: log}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", health.live)
	mux.HandleFunc("GET /readyz", health.ready)
	mux.HandleFunc("GET /items", a.list)
	mux.HandleFunc("POST /items", a.add)
	mux.HandleFunc("GET /items/{id}", a.show)
	mux.HandleFunc("DELETE /items/{id}", a.remove)
	return withRequestID(withLog(log, withRecovery(log, withProblems(mux))))
}

func (a *api) list(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string][]item.Item{"items": a.store.List()})
}

func (a *api) add(w http.ResponseWriter, r *http.Request) {
	var given struct {
		Name string `json:"name"`
	}
	if err := decode(w, r, &given); err != nil {
		a.refuse(w, r, err)
		return
	}
	added, err := a.store.Add(given.Name)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	w.Header().Set("Location", "/items/"+added.ID)
	answer(w, http.StatusCreated, added)
}

func (a *api) show(w http.ResponseWriter, r *http.Request) {
	found, err := a.store.Get(r.PathValue("id"))
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, found)
}

func (a *api) remove(w http.ResponseWriter, r *http.Request) {
	if err := a.store.Delete(r.PathValue("id")); err != nil {
		a.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// refuse says what is wrong. Clients are told no more of an unexpected error than that there was one.
func (a *api) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var unreadable *unreadableError
	switch {
	case errors.As(err, &unreadable):
		writeProblem(w, unreadable.status, unreadable.Error())
	case errors.Is(err, item.ErrNotFound):
		writeProblem(w, http.StatusNotFound, err.Error())
	case errors.Is(err, item.ErrInvalidName):
		writeProblem(w, http.StatusUnprocessableEntity, err.Error())
	default:
		a.log.ErrorContext(r.Context(), "request failed", "error", err, "request_id", requestID(r.Context()))
		writeProblem(w, http.StatusInternalServerError, "")
	}
}

// unreadableError is a body that cannot be read, and the status that says so.
type unreadableError struct {
	status int
	reason string
}

func (e *unreadableError) Error() string { return e.reason }

// decode reads the body, one JSON document without unknown fields.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil {
		_, err = decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = errors.New("more than one document")
		}
	}
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		reason := fmt.Sprintf("the body is longer than %d bytes", tooLong.Limit)
		return &unreadableError{http.StatusRequestEntityTooLarge, reason}
	}
	return &unreadableError{http.StatusBadRequest, fmt.Sprintf("the body is not valid: %v", err)}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// An error here means that the client has gone: there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(body)
}
