// Package server runs the service: it says when it is ready, and ends what has begun before it stops.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"{{ cookiecutter.module_path }}/internal/config"
)

const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 2 * time.Minute
)

// Readiness is told whether the service takes requests.
type Readiness interface {
	SetReady(ready bool)
}

// Server serves a handler until it is told to stop.
type Server struct {
	http      *http.Server
	readiness Readiness
	settings  config.Config
	log       *slog.Logger
}

// New returns a server that does not run yet.
func New(handler http.Handler, readiness Readiness, settings config.Config, log *slog.Logger) *Server {
	return &Server{
		http: &http.Server{
			Handler:           handler,
			ReadHeaderTimeout: readHeaderTimeout,
			ReadTimeout:       readTimeout,
			WriteTimeout:      writeTimeout,
			IdleTimeout:       idleTimeout,
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		},
		readiness: readiness,
		settings:  settings,
		log:       log,
	}
}

// Run serves on the listener until ctx is done, then shuts down: it is no longer ready, goes on for the drain delay,
// takes no new connections, and waits for requests that have begun. It returns nil after an orderly end.
func (s *Server) Run(ctx context.Context, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(listener) }()
	s.readiness.SetReady(true)
	s.log.InfoContext(ctx, "listening", "address", listener.Addr().String())

	select {
	case err := <-failed:
		return fmt.Errorf("cannot serve: %w", err)
	case <-ctx.Done():
	}
	return s.stop(failed)
}

func (s *Server) stop(failed <-chan error) error {
	s.log.Info("stopping")
	s.readiness.SetReady(false)
	time.Sleep(s.settings.DrainDelay)

	deadline, cancel := context.WithTimeout(context.Background(), s.settings.ShutdownTimeout)
	defer cancel()
	if err := s.http.Shutdown(deadline); err != nil {
		return errors.Join(fmt.Errorf("requests did not end within %s: %w", s.settings.ShutdownTimeout, err), s.http.Close())
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	s.log.Info("stopped")
	return nil
}
