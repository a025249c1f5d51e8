package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.org/flags/internal/api"
	"example.org/flags/internal/flag"
)

func call(t *testing.T, handler http.Handler, method, path, body string) (int, string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(method, path, strings.NewReader(body)))
	return recorder.Code, strings.TrimSpace(recorder.Body.String())
}

func TestRoutes(t *testing.T) {
	store := flag.NewStore()
	if err := store.Put(flag.Flag{Name: "new-cart", Percent: 100}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"health", "GET", "/health", "", 200, `{"status":"ok"}`},
		{"list", "GET", "/flags", "", 200, `{"flags":[{"name":"new-cart","percent":100}]}`},
		{"show", "GET", "/flags/new-cart", "", 200, `{"name":"new-cart","percent":100}`},
		{"ask for a user", "GET", "/flags/new-cart?user=ada", "", 200, `{"on":true}`},
		{"unknown", "GET", "/flags/nope", "", 404, `{"error":"no such flag: \"nope\""}`},
		{"put", "PUT", "/flags/dark-mode", `{"percent":5}`, 200, `{"name":"dark-mode","percent":5}`},
		{"put too much", "PUT", "/flags/dark-mode", `{"percent":101}`, 400, `{"error":"invalid flag: 101 percent"}`},
		{"put nonsense", "PUT", "/flags/dark-mode", `{`, 400, `{"error":"unexpected EOF"}`},
		{"delete", "DELETE", "/flags/dark-mode", "", 204, ""},
		{"delete again", "DELETE", "/flags/dark-mode", "", 404, `{"error":"no such flag: \"dark-mode\""}`},
		{"wrong method", "POST", "/flags/new-cart", "", 405, `{"error":"method not allowed"}`},
		{"wrong method on the list", "DELETE", "/flags", "", 405, `{"error":"method not allowed"}`},
	}
	handler := api.NewHandler(store)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, body := call(t, handler, test.method, test.path, test.body)
			if status != test.status || body != test.want {
				t.Errorf("got %d %s, want %d %s", status, body, test.status, test.want)
			}
		})
	}
}
