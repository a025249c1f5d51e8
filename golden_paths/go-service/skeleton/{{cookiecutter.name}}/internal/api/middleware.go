package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

const requestIDHeader = "X-Request-Id"

// maxRequestID is how long the id that a client sends may be; a longer one is replaced.
const maxRequestID = 128

type requestIDKey struct{}

// requestID returns the id of the request that a context belongs to, for logs and calls to other services.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// withRequestID gives each request an id, the client's own if it sends one, and answers with it.
func withRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestIDHeader)
		if id == "" || len(id) > maxRequestID {
			id = rand.Text()
		}
		w.Header().Set(requestIDHeader, id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
	})
}

// withLog writes a line for each request. Probes are logged at debug level: there are many of them.
func withLog(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		seen := &observed{ResponseWriter: w}
		next.ServeHTTP(seen, r)
		level := slog.LevelInfo
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			level = slog.LevelDebug
		}
		log.Log(r.Context(), level, "request",
			"method", r.Method,
			"path", r.URL.Path,
			"status", seen.status,
			"duration_ms", time.Since(start).Milliseconds(),
			"request_id", requestID(r.Context()),
		)
	})
}

// withRecovery turns a panic into an answer, so that it ends one request and not the service.
func withRecovery(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler {
				panic(cause)
			}
			log.ErrorContext(r.Context(), "panic",
				"error", fmt.Sprint(cause),
				"stack", string(debug.Stack()),
				"request_id", requestID(r.Context()),
			)
			writeProblem(w, http.StatusInternalServerError, "")
		}()
		next.ServeHTTP(w, r)
	})
}

// withProblems answers requests that no route takes, unknown paths and methods, like all other errors.
func withProblems(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fallback, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		// The multiplexer's own answer has the status and the Allow header; its text is left out.
		silent := &observed{ResponseWriter: headerOnly{w}}
		fallback.ServeHTTP(silent, r)
		if silent.status < http.StatusBadRequest {
			w.WriteHeader(silent.status)
			return
		}
		writeProblem(w, silent.status, fmt.Sprintf("%s %s is not served", r.Method, r.URL.Path))
	})
}

// observed remembers the status of an answer.
type observed struct {
	http.ResponseWriter
	status int
}

func (o *observed) WriteHeader(status int) {
	if o.status == 0 {
		o.status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *observed) Write(body []byte) (int, error) {
	if o.status == 0 {
		o.status = http.StatusOK
	}
	return o.ResponseWriter.Write(body)
}

// Unwrap lets http.ResponseController reach the writer below.
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// headerOnly drops all of an answer but its header.
type headerOnly struct {
	http.ResponseWriter
}

func (headerOnly) WriteHeader(int) {}

func (headerOnly) Write(body []byte) (int, error) { return len(body), nil }
