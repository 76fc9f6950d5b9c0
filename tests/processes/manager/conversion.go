package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

const (
	older    = "infrastructure.cluster.x-k8s.io/v1beta1"
	keptAway = "cluster.x-k8s.io/conversion-data"
)

// Between the two versions of every kind: what the older one cannot say is kept in an annotation, so that nothing is lost on the way back.
type convert struct{}

func (convert) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	review := apiextensions.ConversionReview{}
	if err := json.NewDecoder(request.Body).Decode(&review); err != nil || review.Request == nil {
		http.Error(answer, "no conversion review", http.StatusBadRequest)
		return
	}
	response := &apiextensions.ConversionResponse{UID: review.Request.UID, Result: meta.Status{Status: meta.StatusSuccess}}
	for _, each := range review.Request.Objects {
		object, err := read(each.Raw)
		if err == nil {
			err = converted(object, review.Request.DesiredAPIVersion)
		}
		if err != nil {
			response.Result = meta.Status{Status: meta.StatusFailure, Message: err.Error()}
			break
		}
		response.ConvertedObjects = append(response.ConvertedObjects, runtime.RawExtension{Object: object})
	}
	review.Request, review.Response = nil, response
	answer.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(answer).Encode(review)
}

func converted(object *unstructured.Unstructured, version string) error {
	if !slices.Contains(ofProvider, object.GetKind()) {
		return fmt.Errorf("%s is not converted here", object.GetKind())
	}
	if object.GetAPIVersion() == version {
		return nil
	}
	object.SetAPIVersion(version)
	if version == older {
		return lower(object)
	}
	return raise(object)
}

func lower(object *unstructured.Unstructured) error {
	parts := map[string]any{"spec": object.Object["spec"], "status": object.Object["status"]}
	kept, err := json.Marshal(parts)
	if err != nil {
		return err
	}
	annotations := object.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[keptAway] = string(kept)
	object.SetAnnotations(annotations)
	if truth(object, "status", "initialization", "provisioned") {
		_ = unstructured.SetNestedField(object.Object, true, "status", "ready")
	}
	unstructured.RemoveNestedField(object.Object, "status", "initialization")
	return nil
}

func raise(object *unstructured.Unstructured) error {
	annotations := object.GetAnnotations()
	kept, known := annotations[keptAway]
	if !known {
		return nil
	}
	parts := map[string]any{}
	if err := json.Unmarshal([]byte(kept), &parts); err != nil {
		return err
	}
	for name, part := range parts {
		if part != nil {
			object.Object[name] = part
		}
	}
	delete(annotations, keptAway)
	if len(annotations) == 0 {
		annotations = nil
	}
	object.SetAnnotations(annotations)
	return nil
}
