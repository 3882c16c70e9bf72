// The container of a service in which a command can be run. Pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/docker/engine_mirror.h"

namespace nopo {

// The one with the lowest number of those that run, or the one with number `index` unless that is
// 0. A paused one counts: the engine says what is to be done about it.
//
// Errors:
//   FAILED_PRECONDITION (SERVICE_FAILED)  none runs; says how to start one
//   NOT_FOUND (BAD_ARGUMENTS)             some run, but not number `index`
absl::StatusOr<Container> RunningContainer(const EngineSnapshot& snapshot,
                                           absl::string_view project, const std::string& service,
                                           int index);

}  // namespace nopo
