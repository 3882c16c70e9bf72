#include "daemon/services/health_waiter.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/mutex.h"
#include "common/status_macros.h"
#include "daemon/services/readiness.h"

namespace nopo {
namespace {

// What the mirror showed last; its predicate may be called on the mirror's threads.
class LastLook {
 public:
  explicit LastLook(Container first) : container_(std::move(first)) {}
  void Set(const std::optional<Container>& container) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    container_ = container;
  }
  std::optional<Container> Get() ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return container_;
  }

 private:
  Mutex mutex_;
  std::optional<Container> container_ ABSL_GUARDED_BY(mutex_);
};

class Waiter {
 public:
  Waiter(EngineMirror& mirror, const Container& container, const ReadinessWait& wait,
         const Cancellation& cancellation)
      : mirror_(mirror), container_(container), wait_(wait), cancellation_(cancellation) {}

  absl::Status Run() {
    absl::StatusOr<bool> ready = ReadinessOf(container_.name, container_, wait_.reach);
    if (ready.ok() && !*ready) ready = WaitForReadiness();
    if (!ready.ok()) return ready.status();
    return MustSettle() ? Settle() : absl::OkStatus();
  }

 private:
  // An older state of the same container, from before its latest start.
  bool IsStale(const std::optional<Container>& seen) const {
    return wait_.just_started && seen && seen->started_at < container_.started_at;
  }

  absl::StatusOr<bool> Judge(const std::optional<Container>& seen) const {
    if (IsStale(seen)) return false;
    return ReadinessOf(container_.name, seen, wait_.reach);
  }

  absl::StatusOr<bool> WaitForReadiness() {
    const absl::Status waited = mirror_.WaitFor(
        container_.id, deadline_,
        [this](const std::optional<Container>& seen) {
          last_look_.Set(seen);
          const absl::StatusOr<bool> ready = Judge(seen);
          return !ready.ok() || *ready;
        },
        cancellation_);
    if (absl::IsDeadlineExceeded(waited)) return TimedOut();
    NOPO_RETURN_IF_ERROR(waited);
    return Judge(last_look_.Get());
  }

  absl::Status TimedOut() {
    const std::optional<Container> last = last_look_.Get();
    return MakeError(absl::StatusCode::kDeadlineExceeded, Reason::kServiceFailed,
                     absl::StrCat(container_.name, " did not get ready within ",
                                  absl::FormatDuration(wait_.timeout), ": it ",
                                  WaitingText(last.value_or(container_))),
                     {"nopo logs shows its output; --timeout SECONDS waits longer"});
  }

  bool MustSettle() const {
    return wait_.just_started && !container_.has_healthcheck &&
           wait_.reach != DependencyCondition::kCompletedSuccessfully;
  }

  // A restart policy may have brought it up again before anybody looked: that counts as an exit.
  absl::StatusOr<bool> StaysUp(const std::optional<Container>& seen) const {
    if (seen && seen->restart_count > container_.restart_count) {
      Container restarting = *seen;
      restarting.state = ContainerState::kRestarting;
      return ReadinessOf(container_.name, restarting, wait_.reach);
    }
    return Judge(seen);
  }

  absl::Status Settle() {
    const absl::Time settled = std::min(deadline_, SettledAt(container_.started_at, absl::Now()));
    const absl::Status waited = mirror_.WaitFor(
        container_.id, settled,
        [this](const std::optional<Container>& seen) {
          last_look_.Set(seen);
          return !StaysUp(seen).ok();
        },
        cancellation_);
    if (absl::IsDeadlineExceeded(waited)) return absl::OkStatus();
    NOPO_RETURN_IF_ERROR(waited);
    return StaysUp(last_look_.Get()).status();
  }

  EngineMirror& mirror_;
  const Container& container_;
  const ReadinessWait& wait_;
  const Cancellation& cancellation_;
  const absl::Time deadline_ = absl::Now() + wait_.timeout;
  LastLook last_look_{container_};
};

}  // namespace

absl::Status WaitUntilReady(EngineMirror& mirror, const Container& container,
                            const ReadinessWait& wait, const Cancellation& cancellation) {
  return Waiter(mirror, container, wait, cancellation).Run();
}

}  // namespace nopo
