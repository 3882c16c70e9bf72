// What to create, as the engine's JSON. Pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "daemon/docker/types.h"

namespace nopo {

// The body of POST /containers/create. What the engine at `version` would misread is left out.
std::string ContainerCreateBody(const ContainerSpec& spec, const EngineVersion& version);
// The body of POST /containers/{id}/exec. Likewise.
std::string ExecCreateBody(const ExecSpec& spec, const EngineVersion& version);
// The body of POST /exec/{id}/start.
std::string ExecStartBody(bool detach, bool tty);
// The body of POST /networks/create.
std::string NetworkCreateBody(absl::string_view name, const Labels& labels);
// The body of POST /volumes/create.
std::string VolumeCreateBody(absl::string_view name, const Labels& labels);
// The query parameter "filters" that selects what carries all of `labels`.
std::string LabelFilter(const std::vector<std::string>& labels);

}  // namespace nopo
