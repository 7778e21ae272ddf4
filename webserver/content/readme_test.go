package content

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestREADMENamesAllThatTemplatesSee(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, seen := range []reflect.Type{reflect.TypeFor[*View](), reflect.TypeFor[*Info](), reflect.TypeFor[*Page](), reflect.TypeFor[*Tag]()} {
		for _, field := range reflect.VisibleFields(seen.Elem()) {
			if field.IsExported() && !strings.Contains(text, "."+field.Name) {
				t.Errorf("%s of %s is not in it", field.Name, seen)
			}
		}
		for i := range seen.NumMethod() {
			if name := seen.Method(i).Name; !strings.Contains(text, "."+name) {
				t.Errorf("%s of %s is not in it", name, seen)
			}
		}
	}
}
