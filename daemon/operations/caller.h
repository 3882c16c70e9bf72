// Who asks, and how a plan is to be run.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "absl/strings/string_view.h"
#include "daemon/events/event_sink.h"
#include "daemon/project/project.h"

namespace nopo {

// The process on whose behalf an operation works; the daemon's own environment is never used.
struct Caller {
  std::filesystem::path working_dir;
  std::filesystem::path project_dir;  // --project; empty = look for it.
  EnvironmentMap environment;
  mode_t umask = 022;
  bool report_phases = false;  // Also without DEBUG=timing.

  // What the caller wants to be told; DEBUG says which lines.
  EventWishes Wishes() const;
  // Empty when unset.
  std::string Variable(absl::string_view name) const;
};

// Adds what tells a program in a container which terminal the caller has, unless `env` says so.
void AddTerminalVariables(const Caller& caller, EnvironmentMap& env);

struct ExecutionOptions {
  int jobs = 0;  // 0 = one per processor, and all images that are ready.
  bool dry_run = false;
  bool fail_fast = false;
};

// `jobs`, or the number of processors.
int EffectiveJobs(int jobs);

}  // namespace nopo
