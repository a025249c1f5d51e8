// Package config reads the settings of the service from the environment.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"
)

// Config holds the settings, checked.
type Config struct {
	// Port is the TCP port to listen on; 0 lets the system choose a free one.
	Port uint16
	// LogLevel is the lowest level that is logged.
	LogLevel slog.Level
	// DrainDelay is how long the service still answers after it was told to stop and says that it is not ready,
	// so that load balancers can take it out.
	DrainDelay time.Duration
	// ShutdownTimeout is how long requests that have begun may take to end.
	ShutdownTimeout time.Duration
}

// Address is what to listen on: all interfaces, at the port.
func (c Config) Address() string {
	return fmt.Sprintf(":%d", c.Port)
}

// Load reads the settings with getenv, which is os.Getenv outside of tests. An empty variable means its default.
// The error names every variable that is wrong, not only the first.
func Load(getenv func(string) string) (Config, error) {
	port, portErr := read(getenv, "PORT", 8080, parsePort)
	level, levelErr := read(getenv, "LOG_LEVEL", slog.LevelInfo, parseLevel)
	drain, drainErr := read(getenv, "DRAIN_DELAY", 0, parseDuration)
	timeout, timeoutErr := read(getenv, "SHUTDOWN_TIMEOUT", 15*time.Second, parseDuration)
	if err := errors.Join(portErr, levelErr, drainErr, timeoutErr); err != nil {
		return Config{}, err
	}
	return Config{Port: port, LogLevel: level, DrainDelay: drain, ShutdownTimeout: timeout}, nil
}

func read[T any](getenv func(string) string, name string, fallback T, parse func(string) (T, error)) (T, error) {
	text := getenv(name)
	if text == "" {
		return fallback, nil
	}
	value, err := parse(text)
	if err != nil {
		return fallback, fmt.Errorf("%s is %q: %w", name, text, err)
	}
	return value, nil
}

func parsePort(text string) (uint16, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, errors.New("expected a number from 0 to 65535")
	}
	return uint16(port), nil
}

func parseLevel(text string) (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return level, errors.New("expected debug, info, warn or error")
	}
	return level, nil
}

func parseDuration(text string) (time.Duration, error) {
	duration, err := time.ParseDuration(text)
	if err != nil || duration < 0 {
		return 0, errors.New("expected a duration such as 10s or 1m30s")
	}
	return duration, nil
}
