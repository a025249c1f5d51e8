package flag_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"example.org/flags/internal/flag"
)

func TestValidate(t *testing.T) {
	tests := map[string]struct {
		flag flag.Flag
		ok   bool
	}{
		"off":           {flag.Flag{Name: "new-cart"}, true},
		"everybody":     {flag.Flag{Name: "new-cart", Percent: 100}, true},
		"too many":      {flag.Flag{Name: "new-cart", Percent: 101}, false},
		"without name":  {flag.Flag{Percent: 10}, false},
		"shouting name": {flag.Flag{Name: "NEW"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.flag.Validate()
			if test.ok && err != nil {
				t.Fatalf("unexpected error: %v", err)
			}
			if !test.ok && !errors.Is(err, flag.ErrInvalid) {
				t.Fatalf("got %v, want ErrInvalid", err)
			}
		})
	}
}

func TestOnForReachesAboutThePercentage(t *testing.T) {
	f := flag.Flag{Name: "new-cart", Percent: 30}
	on := 0
	for i := 0; i < 10000; i++ {
		if f.OnFor(fmt.Sprintf("user-%d", i)) {
			on++
		}
	}
	if on < 2700 || on > 3300 {
		t.Errorf("%d of 10000 users have it, want about 3000", on)
	}
}

func TestOnForKeepsUsersWhenThePercentageGrows(t *testing.T) {
	for i := 0; i < 1000; i++ {
		user := fmt.Sprintf("user-%d", i)
		before := flag.Flag{Name: "new-cart", Percent: 20}.OnFor(user)
		after := flag.Flag{Name: "new-cart", Percent: 50}.OnFor(user)
		if before && !after {
			t.Fatalf("%s lost the feature", user)
		}
	}
}

func TestStore(t *testing.T) {
	store := flag.NewStore()
	for _, name := range []string{"new-cart", "dark-mode"} {
		if err := store.Put(flag.Flag{Name: name, Percent: 5}); err != nil {
			t.Fatal(err)
		}
	}
	if got := store.List(); len(got) != 2 || got[0].Name != "dark-mode" {
		t.Errorf("not in order: %v", got)
	}
	if err := store.Delete("new-cart"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Get("new-cart"); !errors.Is(err, flag.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if err := store.Delete("new-cart"); !errors.Is(err, flag.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestStoreMayBeShared(t *testing.T) {
	store := flag.NewStore()
	var group sync.WaitGroup
	for i := 0; i < 50; i++ {
		group.Add(1)
		go func(number int) {
			defer group.Done()
			if err := store.Put(flag.Flag{Name: fmt.Sprintf("flag-%d", number)}); err != nil {
				t.Error(err)
			}
			store.List()
		}(i)
	}
	group.Wait()
	if got := len(store.List()); got != 50 {
		t.Errorf("got %d flags, want 50", got)
	}
}
