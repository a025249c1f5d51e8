// Package flag decides which features are on, and for whom.
package flag

import (
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"sort"
	"sync"
)

var (
	// ErrNotFound says that there is no flag with that name.
	ErrNotFound = errors.New("no such flag")
	// ErrInvalid says that a flag cannot be what it was asked to be.
	ErrInvalid = errors.New("invalid flag")
)

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9-]{2,49}$`)

// Flag switches a feature on for some of its users.
type Flag struct {
	Name string `json:"name"`
	// Percent of the users that have the feature, 0 to 100.
	Percent uint32 `json:"percent"`
}

// Validate returns an ErrInvalid that says what is wrong, or nil.
func (f Flag) Validate() error {
	if !namePattern.MatchString(f.Name) {
		return fmt.Errorf("%w: name %q", ErrInvalid, f.Name)
	}
	if f.Percent > 100 {
		return fmt.Errorf("%w: %d percent", ErrInvalid, f.Percent)
	}
	return nil
}

// OnFor tells whether a user has the feature. The answer for one user changes only when Percent does.
func (f Flag) OnFor(user string) bool {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(f.Name + "/" + user))
	return hash.Sum32()%100 < f.Percent
}

// Store keeps flags in memory; it may be shared.
type Store struct {
	mu    sync.RWMutex
	flags map[string]Flag
}

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{flags: make(map[string]Flag)}
}

// Put adds or replaces a flag.
func (s *Store) Put(f Flag) error {
	if err := f.Validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flags[f.Name] = f
	return nil
}

// Get returns the flag with that name, or ErrNotFound.
func (s *Store) Get(name string) (Flag, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f, found := s.flags[name]
	if !found {
		return Flag{}, fmt.Errorf("%w: %q", ErrNotFound, name)
	}
	return f, nil
}

// Delete removes the flag with that name, or returns ErrNotFound.
func (s *Store) Delete(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, found := s.flags[name]; !found {
		return fmt.Errorf("%w: %q", ErrNotFound, name)
	}
	delete(s.flags, name)
	return nil
}

// List returns all flags by name.
func (s *Store) List() []Flag {
	s.mu.RLock()
	defer s.mu.RUnlock()
	flags := make([]Flag, 0, len(s.flags))
	for _, f := range s.flags {
		flags = append(flags, f)
	}
	sort.Slice(flags, func(i, j int) bool { return flags[i].Name < flags[j].Name })
	return flags
}
