// The engine's JSON answers as nopo's types. Pure.
//
// Errors of all: INTERNAL (ENGINE_FAILED) when the text is no JSON. Absent fields are empty.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/docker/types.h"

namespace nopo {

// GET /containers/{id}/json.
absl::StatusOr<Container> ReadContainer(absl::string_view json);
// Likewise: whether it has a terminal.
absl::StatusOr<bool> ReadContainerHasTty(absl::string_view json);
// GET /containers/json: the ids.
absl::StatusOr<std::vector<std::string>> ReadContainerIds(absl::string_view json);
// GET /networks.
absl::StatusOr<std::vector<Network>> ReadNetworks(absl::string_view json);
// GET /volumes.
absl::StatusOr<std::vector<Volume>> ReadVolumes(absl::string_view json);
// GET /volumes/{name}.
absl::StatusOr<Volume> ReadVolume(absl::string_view json);
// GET /images/json. The list says nothing of commands and health checks.
absl::StatusOr<std::vector<Image>> ReadImages(absl::string_view json);
// GET /images/{name}/json.
absl::StatusOr<Image> ReadImage(absl::string_view json);
// The field "Id" of what was created.
absl::StatusOr<std::string> ReadCreatedId(absl::string_view json);
// POST /containers/{id}/wait: the exit code, or INTERNAL with the engine's reason.
absl::StatusOr<int> ReadExitCode(absl::string_view json);
// GET /exec/{id}/json.
absl::StatusOr<ExecState> ReadExecState(absl::string_view json);
// GET /version: the engine's own version.
absl::StatusOr<std::string> ReadEngineRelease(absl::string_view json);
// A line of GET /events.
absl::StatusOr<EngineEvent> ReadEvent(absl::string_view json);

}  // namespace nopo
