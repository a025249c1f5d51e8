// Package item knows what an item is and keeps items. It is the example to replace with what the service is for.
package item

import (
	"cmp"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// MaxNameLength is how long a name may be, in characters.
const MaxNameLength = 100

var (
	// ErrNotFound says that there is no item with the id.
	ErrNotFound = errors.New("there is no such item")
	// ErrInvalidName says that a name is empty or too long.
	ErrInvalidName = errors.New("name must have 1 to 100 characters")
)

// Item is a thing with a name.
type Item struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Store keeps items in memory. It is safe for use by several goroutines.
type Store struct {
	mu    sync.RWMutex
	items map[string]Item
}

// NewStore returns a store without items.
func NewStore() *Store {
	return &Store{items: make(map[string]Item)}
}

// Add keeps a new item. The error is ErrInvalidName when the name is not valid.
func (s *Store) Add(name string) (Item, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > MaxNameLength {
		return Item{}, ErrInvalidName
	}
	item := Item{ID: rand.Text(), Name: name}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[item.ID] = item
	return item, nil
}

// Get returns an item. The error is ErrNotFound when there is none.
func (s *Store) Get(id string) (Item, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	item, ok := s.items[id]
	if !ok {
		return Item{}, ErrNotFound
	}
	return item, nil
}

// List returns all items, ordered by name.
func (s *Store) List() []Item {
	s.mu.RLock()
	defer s.mu.RUnlock()
	items := make([]Item, 0, len(s.items))
	for _, item := range s.items {
		items = append(items, item)
	}
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return items
}

// Delete removes an item. The error is ErrNotFound when there is none.
func (s *Store) Delete(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.items[id]; !ok {
		return ErrNotFound
	}
	delete(s.items, id)
	return nil
}
