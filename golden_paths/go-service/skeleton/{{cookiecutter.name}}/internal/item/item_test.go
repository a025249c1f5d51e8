package item_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"{{ cookiecutter.module_path }}/internal/item"
)

func TestAddChecksTheName(t *testing.T) {
	tests := []struct {
		name  string
		given string
		want  string
		err   error
	}{
		{name: "plain", given: "lamp", want: "lamp"},
		{name: "blanks around it", given: "  lamp ", want: "lamp"},
		{name: "longest", given: strings.Repeat("ü", item.MaxNameLength), want: strings.Repeat("ü", item.MaxNameLength)},
		{name: "empty", given: "", err: item.ErrInvalidName},
		{name: "only blanks", given: "   ", err: item.ErrInvalidName},
		{name: "too long", given: strings.Repeat("x", item.MaxNameLength+1), err: item.ErrInvalidName},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := item.NewStore().Add(test.given)
			if !errors.Is(err, test.err) || got.Name != test.want {
				t.Errorf("got %q, %v; want %q, %v", got.Name, err, test.want, test.err)
			}
		})
	}
}

func TestStoreGivesBackWhatItWasGiven(t *testing.T) {
	store := item.NewStore()
	lamp := add(t, store, "lamp")
	chair := add(t, store, "chair")
	if got := store.List(); len(got) != 2 || got[0] != chair || got[1] != lamp {
		t.Errorf("got %v, want chair before lamp", got)
	}
	if got, err := store.Get(lamp.ID); err != nil || got != lamp {
		t.Errorf("got %v, %v", got, err)
	}
	if err := store.Delete(lamp.ID); err != nil {
		t.Error(err)
	}
	if _, err := store.Get(lamp.ID); !errors.Is(err, item.ErrNotFound) {
		t.Errorf("got %v, want %v", err, item.ErrNotFound)
	}
	if err := store.Delete(lamp.ID); !errors.Is(err, item.ErrNotFound) {
		t.Errorf("got %v, want %v", err, item.ErrNotFound)
	}
}

func TestStoreIsSafeForSeveralGoroutines(t *testing.T) {
	store := item.NewStore()
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			added, err := store.Add("lamp")
			if err != nil {
				t.Error(err)
			}
			if _, err := store.Get(added.ID); err != nil {
				t.Error(err)
			}
			store.List()
		})
	}
	group.Wait()
	if got := len(store.List()); got != 50 {
		t.Errorf("got %d items, want 50", got)
	}
}

func add(t *testing.T, store *item.Store, name string) item.Item {
	t.Helper()
	added, err := store.Add(name)
	if err != nil {
		t.Fatal(err)
	}
	return added
}
