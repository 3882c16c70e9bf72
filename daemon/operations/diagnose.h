// `nopo doctor`: what may keep nopo from working for a caller, and what to do about it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/workspace.h"

namespace nopo {

struct Check {
  std::string name;  // "engine"
  bool ok = true;
  std::string detail;  // What was found.
  std::string remedy;  // What to do, when not ok.
};

struct DiagnoseOptions {
  Caller caller;
  std::filesystem::path state_dir;  // The daemon's.
};

// One entry for each thing looked at, always all of them and in the same order. Blocks; a fired
// `cancellation` shows as an engine that cannot be reached.
std::vector<Check> Diagnose(const Workspace& workspace, const DiagnoseOptions& options,
                            EventSink& events, const Cancellation& cancellation);

// The checks' judgements, of what was found.

// `version` is that of the engine "26.1.5" or why there is none.
Check JudgeEngine(const std::string& endpoint, const absl::StatusOr<std::string>& version);
Check JudgeBuildkit(const absl::StatusOr<EngineVersion>& engine);
Check JudgeProject(const absl::StatusOr<OpenedProject>& opened);
Check JudgeDisk(const std::filesystem::path& dir, bool writable, uint64_t free_bytes);
// `limit`: of directories that one user's programs may watch, as the kernel's file says; "" where
// there is no such file.
Check JudgeWatchLimit(const std::string& limit);

}  // namespace nopo
