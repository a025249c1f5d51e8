package config_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"{{ cookiecutter.module_path }}/internal/config"
)

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestLoad(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want config.Config
	}{
		{
			name: "defaults",
			want: config.Config{Port: 8080, LogLevel: slog.LevelInfo, ShutdownTimeout: 15 * time.Second},
		},
		{
			name: "everything set",
			env:  map[string]string{"PORT": "0", "LOG_LEVEL": "debug", "DRAIN_DELAY": "5s", "SHUTDOWN_TIMEOUT": "1m"},
			want: config.Config{LogLevel: slog.LevelDebug, DrainDelay: 5 * time.Second, ShutdownTimeout: time.Minute},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := config.Load(environment(test.env))
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestLoadNamesEveryVariableThatIsWrong(t *testing.T) {
	wrong := map[string]string{"PORT": "65536", "LOG_LEVEL": "loud", "DRAIN_DELAY": "-1s", "SHUTDOWN_TIMEOUT": "15"}
	_, err := config.Load(environment(wrong))
	if err == nil {
		t.Fatal("expected an error")
	}
	for name := range wrong {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%q does not name %s", err, name)
		}
	}
}

func TestAddress(t *testing.T) {
	if got := (config.Config{Port: 8080}).Address(); got != ":8080" {
		t.Errorf("got %q, want :8080", got)
	}
}
