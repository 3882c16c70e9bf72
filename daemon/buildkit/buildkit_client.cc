#include "daemon/buildkit/buildkit_client.h"

#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "buildkit/control.grpc.pb.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/buildkit/build_session.h"
#include "daemon/buildkit/control_connection.h"
#include "daemon/buildkit/solve_error.h"
#include "daemon/buildkit/solve_progress.h"
#include "daemon/buildkit/solve_request.h"
#include "daemon/buildkit/status_stream.h"

namespace nopo {
namespace {

namespace v1 = moby::buildkit::v1;

// How long after a build's end its first sign of life may come.
constexpr absl::Duration kSilence = absl::Milliseconds(300);
// How long a cancelled build may take to let go of its containers.
constexpr absl::Duration kLettingGo = absl::Seconds(15);

// What gRPC needs once per process. Its shutdown can stall for ten seconds, so the reference taken
// here is never given back; the health service is how BuildKit finds out that a session is alive.
void PrepareGrpc() {
  static const bool prepared = [] {
    grpc_init();
    grpc::EnableDefaultHealthCheckService(true);
    return true;
  }();
  (void)prepared;
}

SyncedDirectories DirectoriesOf(const SolveOptions& options) {
  SyncedDirectories directories;
  directories[kContextDirectory] = std::make_unique<DiskDirectory>(options.context_dir);
  directories[kDockerfileDirectory] =
      std::make_unique<MemoryDirectory>(DockerfileDirectory(options));
  return directories;
}

absl::Status CheckContext(const SolveOptions& options) {
  std::error_code error;
  if (std::filesystem::is_directory(options.context_dir, error)) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kBuildFailed,
                   absl::StrCat(options.context_dir, ": the build context is no directory"));
}

// One call of Solve with its stream of progress, on a session of its own.
class Attempt {
 public:
  Attempt(const SolveOptions& options, const std::function<void(const SolveEvent&)>& progress,
          const Cancellation& cancellation)
      : options_(options), progress_(progress), cancellation_(cancellation) {}

  absl::StatusOr<SolveResult> Run(const std::shared_ptr<grpc::Channel>& channel,
                                  const BuildSession& session) {
    const std::string ref = NewBuildkitId();
    const v1::SolveRequest request = SolveRequestFrom(options_, ref, session.id());
    StatusStream status(channel, ref, [this](const v1::StatusResponse& response) {
      for (const SolveEvent& event : merged_.Apply(response)) progress_(event);
    });
    v1::SolveResponse response;
    const grpc::Status outcome = Call(channel, request, response);
    status.Finish(kSilence, outcome.ok() || !cancellation_.IsCancelled()
                                ? absl::InfiniteFuture()
                                : absl::Now() + kLettingGo);
    has_begun_ = status.HasBegun();
    if (!outcome.ok()) return ErrorFrom(outcome);
    SolveResult result;
    ReadImageId(response, result);
    result.bytes_sent = session.context_bytes_sent();
    result.steps = merged_.steps();
    result.cached_steps = merged_.cached_steps();
    return result;
  }

  // Whether BuildKit took the build on.
  bool has_begun() const { return has_begun_; }

 private:
  grpc::Status Call(const std::shared_ptr<grpc::Channel>& channel, const v1::SolveRequest& request,
                    v1::SolveResponse& response) const {
    grpc::ClientContext context;
    const auto registration = cancellation_.OnCancel([&] { context.TryCancel(); });
    return v1::Control::NewStub(channel)->Solve(&context, request, &response);
  }

  absl::Status ErrorFrom(const grpc::Status& outcome) const {
    NOPO_RETURN_IF_ERROR(cancellation_.Check());
    return SolveError({.code = outcome.error_code(),
                       .message = outcome.error_message(),
                       .details = outcome.error_details()},
                      options_.dockerfile_name);
  }

  const SolveOptions& options_;
  const std::function<void(const SolveEvent&)>& progress_;
  const Cancellation& cancellation_;
  SolveProgress merged_;  // Touched by the stream's thread until that has finished.
  bool has_begun_ = false;
};

}  // namespace

BuildkitClient::BuildkitClient(Endpoint engine) {
  PrepareGrpc();
  control_ = std::make_unique<ControlConnection>(std::move(engine));
}

BuildkitClient::~BuildkitClient() = default;

absl::StatusOr<SolveResult> BuildkitClient::Solve(
    const SolveOptions& options, const std::function<void(const SolveEvent&)>& progress,
    const Cancellation& cancellation) {
  NOPO_RETURN_IF_ERROR(CheckContext(options));
  while (true) {
    NOPO_ASSIGN_OR_RETURN(const ControlConnection::Lease lease, control_->Connect(cancellation));
    NOPO_ASSIGN_OR_RETURN(const std::unique_ptr<BuildSession> session,
                          BuildSession::Start(control_->engine(), options.shared_key,
                                              DirectoriesOf(options), cancellation));
    Attempt attempt(options, progress, cancellation);
    absl::StatusOr<SolveResult> result = attempt.Run(lease.channel, *session);
    if (!absl::IsUnavailable(result.status())) return result;
    control_->Drop(lease.channel);
    // A kept connection may have died with the engine's last restart; that is no news of this
    // build.
    if (lease.is_new || attempt.has_begun()) return result;
  }
}

}  // namespace nopo
