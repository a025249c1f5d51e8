package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"{{ cookiecutter.module_path }}/internal/api"
	"{{ cookiecutter.module_path }}/internal/item"
)

// service is the handler over an empty store, and what it logs.
type service struct {
	handler http.Handler
	store   *item.Store
	health  *api.Health
	log     bytes.Buffer
}

func newService() *service {
	s := &service{store: item.NewStore(), health: &api.Health{}}
	s.handler = api.NewHandler(s.store, s.health, slog.New(slog.NewJSONHandler(&s.log, nil)))
	return s
}

func (s *service) send(t *testing.T, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
	return answer
}

func TestItems(t *testing.T) {
	s := newService()
	added := s.send(t, http.MethodPost, "/items", `{"name": "lamp"}`)
	if added.Code != http.StatusCreated {
		t.Fatalf("got %d: %s", added.Code, added.Body)
	}
	place := added.Header().Get("Location")
	if shown := s.send(t, http.MethodGet, place, ""); shown.Body.String() != added.Body.String() {
		t.Errorf("got %s, want %s", shown.Body, added.Body)
	}
	var listed struct {
		Items []item.Item `json:"items"`
	}
	list := s.send(t, http.MethodGet, "/items", "")
	if err := json.Unmarshal(list.Body.Bytes(), &listed); err != nil || len(listed.Items) != 1 {
		t.Errorf("got %s, %v", list.Body, err)
	}
	if removed := s.send(t, http.MethodDelete, place, ""); removed.Code != http.StatusNoContent {
		t.Errorf("got %d, want 204", removed.Code)
	}
	if gone := s.send(t, http.MethodGet, place, ""); gone.Code != http.StatusNotFound {
		t.Errorf("got %d, want 404", gone.Code)
	}
}

func TestErrorsAreProblems(t *testing.T) {
	tests := []struct {
		name   string
		method string
		path   string
		body   string
		status int
		detail string
	}{
		{"unknown item", "GET", "/items/none", "", 404, "there is no such item"},
		{"removing an unknown item", "DELETE", "/items/none", "", 404, "there is no such item"},
		{"no name", "POST", "/items", `{}`, 422, "name must have 1 to 100 characters"},
		{"not JSON", "POST", "/items", `{`, 400, "the body is not valid: unexpected EOF"},
		{"two documents", "POST", "/items", `{} {}`, 400, "the body is not valid: more than one document"},
		{"unknown field", "POST", "/items", `{"colour": 1}`, 400, `the body is not valid: json: unknown field "colour"`},
		{"too long", "POST", "/items", `{"name": "` + strings.Repeat("x", 1<<20) + `"}`, 413, "the body is longer than 1048576 bytes"},
		{"unknown path", "GET", "/nowhere", "", 404, "GET /nowhere is not served"},
		{"unknown method", "PUT", "/items", "", 405, "PUT /items is not served"},
		{"not ready", "GET", "/readyz", "", 503, "the service is starting or stopping"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer := newService().send(t, test.method, test.path, test.body)
			var problem struct {
				Title  string
				Status int
				Detail string
			}
			if err := json.Unmarshal(answer.Body.Bytes(), &problem); err != nil {
				t.Fatalf("%v in %s", err, answer.Body)
			}
			if kind := answer.Header().Get("Content-Type"); kind != "application/problem+json" {
				t.Errorf("got content type %q", kind)
			}
			if answer.Code != test.status || problem.Status != test.status || problem.Title != http.StatusText(test.status) {
				t.Errorf("got %d and %+v, want %d", answer.Code, problem, test.status)
			}
			if problem.Detail != test.detail {
				t.Errorf("got %q, want %q", problem.Detail, test.detail)
			}
		})
	}
}

func TestAnUnknownMethodIsToldWhatIsAllowed(t *testing.T) {
	if got := newService().send(t, http.MethodPut, "/items", "").Header().Get("Allow"); got != "GET, HEAD, POST" {
		t.Errorf("got %q", got)
	}
}

func TestAPathThatIsNotCleanIsRedirected(t *testing.T) {
	answer := newService().send(t, http.MethodGet, "//nowhere", "")
	if answer.Code < 300 || answer.Code > 399 || answer.Header().Get("Location") != "/nowhere" {
		t.Errorf("got %d to %q", answer.Code, answer.Header().Get("Location"))
	}
}

func TestHealth(t *testing.T) {
	s := newService()
	s.health.SetReady(true)
	for _, path := range []string{"/healthz", "/readyz"} {
		if answer := s.send(t, http.MethodGet, path, ""); answer.Code != http.StatusOK {
			t.Errorf("%s: got %d", path, answer.Code)
		}
	}
	if s.log.Len() != 0 {
		t.Errorf("probes are logged at level info: %s", &s.log)
	}
}

func TestRequestsHaveAnID(t *testing.T) {
	tests := []struct {
		name string
		sent string
		kept bool
	}{
		{name: "none sent"},
		{name: "the client's own", sent: "abc", kept: true},
		{name: "too long", sent: strings.Repeat("x", 129)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newService()
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/items", nil)
			request.Header.Set("X-Request-Id", test.sent)
			answer := httptest.NewRecorder()
			s.handler.ServeHTTP(answer, request)
			got := answer.Header().Get("X-Request-Id")
			if got == "" || (got == test.sent) != test.kept {
				t.Errorf("got %q", got)
			}
			if !strings.Contains(s.log.String(), got) {
				t.Errorf("%q is not in the log: %s", got, &s.log)
			}
		})
	}
}

// broken is a store that fails.
type broken struct{ *item.Store }

func (broken) Get(string) (item.Item, error) { return item.Item{}, errors.New("disk on fire") }

func (broken) List() []item.Item { panic("disk on fire") }

func TestUnexpectedErrorsAreLoggedAndNotTold(t *testing.T) {
	for _, path := range []string{"/items", "/items/1"} {
		t.Run(path, func(t *testing.T) {
			s := newService()
			s.handler = api.NewHandler(broken{s.store}, s.health, slog.New(slog.NewJSONHandler(&s.log, nil)))
			answer := s.send(t, http.MethodGet, path, "")
			if answer.Code != http.StatusInternalServerError || strings.Contains(answer.Body.String(), "fire") {
				t.Errorf("got %d: %s", answer.Code, answer.Body)
			}
			if !strings.Contains(s.log.String(), "disk on fire") {
				t.Errorf("the error is not in the log: %s", &s.log)
			}
		})
	}
}
