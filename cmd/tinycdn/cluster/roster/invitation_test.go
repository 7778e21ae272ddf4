package roster

import (
	"strings"
	"testing"
	"time"
)

func TestAnInvitationIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	owner := NewKey().Public()
	i := NewInvitation("syd-2", owner, time.Now())
	got, err := ParseInvitation(i.String())
	if err != nil || got.Name != i.Name || got.Secret != i.Secret || !got.Until.Equal(i.Until) || !got.IsOf(owner) || got.IsOf(NewKey().Public()) {
		t.Errorf("got %+v, %v; want %+v", got, err, i)
	}
	for _, text := range []string{"", "-", "syd", i.String()[1:], i.String() + "a", strings.Replace(i.String(), "syd", "fra", 1), "SYD" + i.String()[3:]} {
		_, err := ParseInvitation(text)
		if err == nil {
			t.Errorf("%q is taken", text)
		} else if len(text) > 20 && strings.Contains(err.Error(), text[len(text)-10:]) {
			t.Errorf("the secret is in the error: %v", err)
		}
	}
}

func FuzzInvitation(f *testing.F) {
	f.Add("syd-7f3k")
	first := NewInvitation("syd", Key{1}, time.Unix(1_800_000_000, 0))
	f.Add(first.String())
	f.Fuzz(func(t *testing.T, text string) {
		i, err := ParseInvitation(text)
		if err == nil && i.String() != text {
			t.Errorf("%q is read as %q", text, i.String())
		}
	})
}
