package h2

import (
	"net"
	"slices"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// FuzzFrames: what net/http ends a connection for, we do too; and where we do, it has at least broken off a stream. But for floods, which it
// does not count.
func FuzzFrames(f *testing.F) {
	v := &client{}
	v.encoder = hpack.NewEncoder(&v.block)
	small, below := v.header("HEAD", "/small"), v.header("POST", "/echo")
	for _, frames := range [][]byte{
		frameOf(frameHeaders, 5, 1, small),
		slices.Concat(frameOf(frameHeaders, 1, 1, small[:3]), frameOf(frameContinuation, 4, 1, small[3:])),
		slices.Concat(frameOf(frameHeaders, 4, 1, below), frameOf(frameData, 8, 1, []byte("\x02abc\x00\x00")), frameOf(frameHeaders, 5, 1, appendPlain(nil, "x", "y"))),
		slices.Concat(frameOf(frameHeaders, 5, 1, small), frameOf(frameHeaders, 5, 1, small)),
		slices.Concat(frameOf(frameHeaders, 37, 3, slices.Concat([]byte{0, 0, 0, 3, 9}, small)), frameOf(frameReset, 0, 3, make([]byte, 4))),
		slices.Concat(frameOf(framePriority, 0, 7, make([]byte, 5)), frameOf(frameWindow, 0, 0, []byte{0x7f, 0xff, 0xff, 0xff}), frameOf(framePing, 0, 0, make([]byte, 8))),
		slices.Concat(appendSettings(nil, setting{settingInitialWindow, 5}, setting{settingFrameSize, 1 << 20}), frameOf(frameGoAway, 0, 0, make([]byte, 8))),
	} {
		f.Add(frames)
	}
	s := newTwinSite()
	ours, _ := start(f, s)
	theirs := twin(f, s)
	f.Fuzz(func(t *testing.T, frames []byte) {
		got, gotResets := verdict(t, ours(t), frames)
		want, wantResets := verdict(t, theirs(t), frames)
		switch {
		case got == http2.ErrCodeEnhanceYourCalm, hasSettingTwice(frames):
		case want != http2.ErrCodeNo && got == http2.ErrCodeNo && !gotResets:
			t.Errorf("%x: net/http ends the connection with %v", frames, want)
		case got != http2.ErrCodeNo && want == http2.ErrCodeNo && !wantResets:
			t.Errorf("%x: it ends with %v, which net/http has nothing against", frames, got)
		}
	})
}

func frameOf(kind, flags byte, id uint32, payload []byte) []byte {
	return append(head{len(payload), kind, flags, id}.appendTo(nil), payload...)
}

// hasSettingTwice is where net/http is stricter than RFC 9113, 6.5.3, and closes the connection.
func hasSettingTwice(frames []byte) bool {
	for len(frames) >= headSize {
		h := parseHead(frames)
		if len(frames) < headSize+h.length {
			return false
		}
		if h.kind == frameSettings && h.length >= 12 {
			return true
		}
		frames = frames[headSize+h.length:]
	}
	return false
}

// verdict sends frames and then no more, and says with what the connection ends, and whether any stream was broken off, or it was
// closed without a word.
func verdict(t *testing.T, c net.Conn, frames []byte) (code http2.ErrCode, resets bool) {
	defer c.Close()
	v := greet(t, c)
	c.Write(frames)
	v.WritePing(false, [8]byte{'e', 'n', 'd'})
	c.(*net.TCPConn).CloseWrite()
	for {
		f, err := v.ReadFrame()
		if err != nil {
			return http2.ErrCodeNo, true
		}
		switch f := f.(type) {
		case *http2.GoAwayFrame:
			if f.ErrCode != http2.ErrCodeNo {
				return f.ErrCode, resets
			}
		case *http2.RSTStreamFrame:
			resets = true
		case *http2.PingFrame:
			if f.Data == [8]byte{'e', 'n', 'd'} {
				return http2.ErrCodeNo, resets
			}
		}
	}
}
