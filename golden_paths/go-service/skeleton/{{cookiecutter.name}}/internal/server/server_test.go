package server_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"{{ cookiecutter.module_path }}/internal/config"
	"{{ cookiecutter.module_path }}/internal/server"
)

type readiness struct{ atomic.Bool }

func (r *readiness) SetReady(ready bool) { r.Store(ready) }

// running is a server on a free port of this machine.
type running struct {
	url   string
	ready *readiness
	stop  context.CancelFunc
	ended chan error
}

func start(t *testing.T, handler http.HandlerFunc, settings config.Config) *running {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	r := &running{url: "http://" + listener.Addr().String(), ready: &readiness{}, stop: stop, ended: make(chan error, 1)}
	log := slog.New(slog.DiscardHandler)
	go func() { r.ended <- server.New(handler, r.ready, settings, log).Run(ctx, listener) }()
	return r
}

func get(url string) (string, error) {
	response, err := http.Get(url)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(response.Body)
	if closed := response.Body.Close(); closed != nil {
		return "", closed
	}
	return string(body), err
}

func TestRequestsThatHaveBegunAreAnsweredBeforeTheEnd(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	r := start(t, func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-finish
		_, _ = io.WriteString(w, "done")
	}, config.Config{ShutdownTimeout: time.Minute})

	answered := make(chan string, 1)
	go func() {
		body, err := get(r.url)
		if err != nil {
			t.Error(err)
		}
		answered <- body
	}()
	<-begun
	if !r.ready.Load() {
		t.Error("a server that answers is not ready")
	}
	r.stop()
	for r.ready.Load() {
		time.Sleep(time.Millisecond)
	}
	close(finish)

	if body := <-answered; body != "done" {
		t.Errorf("got %q, want done", body)
	}
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
	if _, err := get(r.url); err == nil {
		t.Error("it still answers")
	}
}

func TestARequestThatDoesNotEndIsAnError(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	defer close(finish)
	r := start(t, func(http.ResponseWriter, *http.Request) {
		close(begun)
		<-finish
	}, config.Config{ShutdownTimeout: time.Millisecond})

	go func() { _, _ = get(r.url) }()
	<-begun
	r.stop()
	if err := <-r.ended; err == nil {
		t.Error("expected an error")
	}
}

func TestAListenerThatFailsIsAnError(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	served := server.New(http.NotFoundHandler(), &readiness{}, config.Config{}, slog.New(slog.DiscardHandler))
	if err := served.Run(t.Context(), listener); err == nil {
		t.Error("expected an error")
	}
}
