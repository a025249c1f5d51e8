// Command {{ cookiecutter.name }} serves the API over HTTP until it is told to stop.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"{{ cookiecutter.module_path }}/internal/api"
	"{{ cookiecutter.module_path }}/internal/config"
	"{{ cookiecutter.module_path }}/internal/item"
	"{{ cookiecutter.module_path }}/internal/server"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "{{ cookiecutter.name }}:", err)
		os.Exit(1)
	}
}

func run() error {
	settings, err := config.Load(os.Getenv)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: settings.LogLevel}))

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	listener, err := net.Listen("tcp", settings.Address())
	if err != nil {
		return err
	}
	health := &api.Health{}
	handler := api.NewHandler(item.NewStore(), health, log)
	return server.New(handler, health, settings, log).Run(ctx, listener)
}
