package cluster

import (
	"context"
	"errors"
	"fmt"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// mostSteps are how many generations one is followed back, each by somebody who may change certain paths only.
const mostSteps = 1000

// forbidden is that a generation changes what its publisher may not change.
type forbidden struct{ error }

// errUnproven is that nobody knows yet whether a generation changes only what its publisher may change.
var errUnproven = errors.New("what it was made from is not to be had, so that nobody can say whether its publisher may change what it changes (a generation by its owner would be taken)")

// mayServe says whether a generation may be served that was not prepared here, but of which somebody has said so to others: a POP that was taken over
// could pass on what a publisher of certain paths has signed and may not do. It is followed back, step by step, to what is served here
// or to one by somebody who may change everything. If the lists of old are gone, most POPs serve it, which one alone cannot say.
func (m *Member) mayServe(ctx context.Context, by roster.Key, list *manifest.Signed) error {
	id := list.ID
	m.mu.Lock()
	err := m.maySettle(list.Key, by)
	m.mu.Unlock()
	if err != nil {
		return forbidden{err}
	}
	for range mostSteps {
		m.mu.Lock()
		publisher, limited, err := m.publisherOf(list)
		serving := m.agreed.Serving.ID
		m.mu.Unlock()
		if err != nil {
			return forbidden{err}
		}
		if list.ID == serving || !limited {
			return nil
		}
		parent := &manifest.Signed{}
		if list.Parent != (manifest.ID{}) {
			if parent, err = m.manifest(ctx, list.Parent); err != nil {
				break
			}
		}
		if err := mayChange(publisher, parent, list); err != nil {
			return forbidden{err}
		}
		list = parent
	}
	if !m.servedByMost(id) {
		return errUnproven
	}
	return nil
}

// servedByMost says whether most POPs serve a generation, as each of them has signed. Whoever serves nothing yet has nobody but the
// others to ask.
func (m *Member) servedByMost(id manifest.ID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, need := 0, m.members.Majority()
	for _, h := range m.rows {
		if h.Serving == id {
			n++
		}
	}
	if m.agreed.Serving.ID == (manifest.ID{}) {
		need = (len(m.members.POPs)-1)/2 + 1
	}
	return n >= need
}

// manifest is the list of a generation, from here or from another POP.
func (m *Member) manifest(ctx context.Context, id manifest.ID) (list *manifest.Signed, err error) {
	if list, err = m.store.Manifest(id); err == nil {
		return list, nil
	}
	err = errors.New("no POP has it")
	for _, pop := range m.others() {
		if list, err = m.manifestFrom(ctx, pop, id); err == nil {
			return list, nil
		}
	}
	return nil, err
}

func (m *Member) manifestFrom(ctx context.Context, pop roster.POP, id manifest.ID) (*manifest.Signed, error) {
	text, err := read(m.client(pop).Stream(ctx, "/v1/manifest", encode(id)))
	if err != nil {
		return nil, err
	}
	list, err := m.readManifest(text)
	if err == nil && list.ID != id {
		err = fmt.Errorf("%s gives generation %v for %v", pop.Name, list.ID, id)
	}
	return list, err
}

// publisherOf is whoever has signed a generation, and whether he may change certain paths only. What somebody signed who was removed
// since counts as before. By mu.
func (m *Member) publisherOf(list *manifest.Signed) (p roster.Publisher, limited bool, err error) {
	p, ok := m.members.PublisherOf(list.Key)
	if ok && list.By != p.Name {
		err = fmt.Errorf("%s says that generation %d is by %s", p.Name, list.ID.Number, list.By)
	}
	return p, len(p.Paths) > 0, err
}

// mayMake says whether the publisher of a generation may change what it changes, as far as its parent is here. By mu.
func (m *Member) mayMake(list *manifest.Signed) error {
	publisher, limited, err := m.publisherOf(list)
	if err != nil || !limited {
		return err
	}
	parent := &manifest.Signed{}
	if list.Parent != (manifest.ID{}) {
		if parent, err = m.store.Manifest(list.Parent); err != nil {
			return err
		}
	}
	return mayChange(publisher, parent, list)
}

// mayChange says whether a publisher may make a generation of its parent.
func mayChange(publisher roster.Publisher, parent, list *manifest.Signed) error {
	if parent.Config != list.Config {
		return fmt.Errorf("%s may not name another configuration: %s", publisher.Name, list.Config)
	}
	for _, c := range manifest.Changes(&parent.Manifest, &list.Manifest) {
		if !publisher.Touches(c.Path) {
			return fmt.Errorf("%s may not change %s", publisher.Name, c.Path)
		}
	}
	kept := withheld(publisher, parent)
	for _, f := range list.Files { // a time is a zone's serial, and a page's Last-Modified
		before, ok := parent.Find(f.Path)
		if ok && !before.Time.Equal(f.Time) && !publisher.Touches(f.Path) {
			return fmt.Errorf("%s may not change the time of %s", publisher.Name, f.Path)
		}
		if kept[f.Hash] && before.Hash != f.Hash {
			return fmt.Errorf("%s may not have as %s what is private elsewhere", publisher.Name, f.Path)
		}
	}
	return nil
}

// forget has a generation be as if nobody had said that it is to be served.
func (m *Member) forget(id manifest.ID, why error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.agreed.Target() != id {
		return
	}
	if m.agreed.Canary.ID == id {
		m.agreed.Forget()
	} else {
		m.agreed.Wanted = m.agreed.Serving
	}
	m.mine.Trouble = ""
	if len(m.forgotten) >= mostSteps {
		clear(m.forgotten)
	}
	m.forgotten[id] = true
	m.log.Error("a generation is not served, though others say that it is live", "generation", id.Number, "error", why,
		"effect", "what is served stays; a POP that passes this on may be somebody else's by now")
	m.keep()
}
