package main

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// A rule says what is wrong with an object, `old` is what it was, nil at its creation; or nothing.
type rule func(old, object *unstructured.Unstructured) string

func nothing(_, _ *unstructured.Unstructured) string { return "" }

func unchanged(fields ...string) rule {
	return func(old, object *unstructured.Unstructured) string {
		for _, field := range fields {
			if old == nil {
				break
			}
			before, _, _ := unstructured.NestedFieldNoCopy(old.Object, "spec", field)
			after, _, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", field)
			if !reflect.DeepEqual(before, after) {
				return "spec." + field + " cannot be modified"
			}
		}
		return ""
	}
}

// The paths that follow from a kind's name.
func path(verb, version, name string) string {
	parsed, _ := schema.ParseGroupVersion(version)
	return "/" + verb + "-" + strings.ReplaceAll(parsed.Group, ".", "-") + "-" + parsed.Version + "-" + strings.ToLower(name)
}

func mutate(server webhook.Server, version, name string) {
	server.Register(path("mutate", version, name), &admission.Webhook{Handler: admission.HandlerFunc(
		func(_ context.Context, request admission.Request) admission.Response {
			if request.Kind.Version != versionOf(version) {
				return admission.Errored(http.StatusBadRequest, errVersion(request.Kind.Version))
			}
			return admission.Allowed("")
		})})
}

func judge(server webhook.Server, version, name string, wrong rule) {
	if wrong == nil {
		wrong = nothing
	}
	server.Register(path("validate", version, name), &admission.Webhook{Handler: admission.HandlerFunc(
		func(_ context.Context, request admission.Request) admission.Response {
			if request.Kind.Version != versionOf(version) {
				return admission.Errored(http.StatusBadRequest, errVersion(request.Kind.Version))
			}
			object, err := read(request.Object.Raw)
			if err != nil {
				return admission.Errored(http.StatusBadRequest, err)
			}
			old, err := read(request.OldObject.Raw)
			if err != nil {
				return admission.Errored(http.StatusBadRequest, err)
			}
			if cause := wrong(old, object); cause != "" {
				return admission.Denied(cause)
			}
			return admission.Allowed("")
		})})
}

type errVersion string

func (version errVersion) Error() string {
	return "no object of " + string(version) + " is judged here"
}

func versionOf(version string) string {
	parsed, _ := schema.ParseGroupVersion(version)
	return parsed.Version
}

func read(raw []byte) (*unstructured.Unstructured, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	object := &unstructured.Unstructured{}
	return object, object.UnmarshalJSON(raw)
}
