#include "daemon/services/readiness.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"

namespace nopo {
namespace {

// Long enough for an interpreter to find its script missing or its port taken.
constexpr absl::Duration kSettleTime = absl::Milliseconds(300);

absl::Status Failed(const std::string& name, absl::string_view what) {
  return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kServiceFailed,
                   absl::StrCat(name, " ", what));
}

std::string LastProbe(const Container& container) {
  const absl::string_view output = absl::StripAsciiWhitespace(container.last_health_output);
  return output.empty() ? "" : absl::StrCat("; last probe: ", output);
}

absl::Status Exited(const std::string& name, const Container& container) {
  std::string what = absl::StrCat("exited with code ", container.exit_code);
  if (container.oom_killed) absl::StrAppend(&what, ": out of memory (infrastructure.memory)");
  if (!container.error.empty()) absl::StrAppend(&what, ": ", container.error);
  return Failed(name, what);
}

// Health is only to be believed of a running container: the engine calls a stopped or paused one
// unhealthy.
absl::StatusOr<bool> RunningReadiness(const std::string& name, const Container& container,
                                      DependencyCondition reach) {
  if (reach == DependencyCondition::kStarted) return true;
  if (reach == DependencyCondition::kCompletedSuccessfully) return false;
  if (!container.has_healthcheck) return true;
  if (container.health == HealthState::kUnhealthy) {
    return Failed(name, absl::StrCat("is unhealthy", LastProbe(container)));
  }
  return container.health == HealthState::kHealthy;
}

}  // namespace

absl::StatusOr<bool> ReadinessOf(const std::string& name, const std::optional<Container>& container,
                                 DependencyCondition reach) {
  if (!container) return Failed(name, "was removed");
  switch (container->state) {
    case ContainerState::kCreated:
      return false;
    case ContainerState::kRunning:
      return RunningReadiness(name, *container, reach);
    case ContainerState::kPaused:
      return Failed(name, "is paused");
    case ContainerState::kRestarting:
      return Failed(name,
                    absl::StrCat("keeps restarting; it exited with code ", container->exit_code));
    case ContainerState::kRemoving:
    case ContainerState::kDead:
      return Failed(name, "is being removed");
    case ContainerState::kExited:
      break;
  }
  if (reach == DependencyCondition::kCompletedSuccessfully && container->exit_code == 0) {
    return true;
  }
  return Exited(name, *container);
}

absl::Time SettledAt(absl::Time started_at, absl::Time now) {
  return std::clamp(started_at + kSettleTime, now, now + kSettleTime);
}

std::string WaitingText(const Container& container) {
  switch (container.state) {
    case ContainerState::kRunning:
      return container.has_healthcheck
                 ? absl::StrCat("is still ", HealthStateName(container.health),
                                LastProbe(container))
                 : "is still running";
    default:
      return absl::StrCat("is still ", ContainerStateName(container.state));
  }
}

}  // namespace nopo
