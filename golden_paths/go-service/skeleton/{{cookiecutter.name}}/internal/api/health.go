package api

import (
	"net/http"
	"sync/atomic"
)

// Health tells orchestrators how the service is. Its zero value is alive and not ready.
type Health struct {
	isReady atomic.Bool
}

// SetReady says whether the service takes requests.
func (h *Health) SetReady(ready bool) {
	h.isReady.Store(ready)
}

func (h *Health) live(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (h *Health) ready(w http.ResponseWriter, _ *http.Request) {
	if !h.isReady.Load() {
		writeProblem(w, http.StatusServiceUnavailable, "the service is starting or stopping")
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "ready"})
}
