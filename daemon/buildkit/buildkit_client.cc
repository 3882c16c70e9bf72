#include "daemon/buildkit/buildkit_client.h"

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "buildkit/control.grpc.pb.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/buildkit/build_session.h"
#include "daemon/buildkit/control_connection.h"
#include "daemon/buildkit/gateway_build.h"
#include "daemon/buildkit/kept_definitions.h"
#include "daemon/buildkit/llb_definition.h"
#include "daemon/buildkit/local_cache.h"
#include "daemon/buildkit/request_sessions.h"
#include "daemon/buildkit/solve_error.h"
#include "daemon/buildkit/solve_progress.h"
#include "daemon/buildkit/solve_request.h"
#include "daemon/buildkit/status_stream.h"
#include "daemon/buildkit/synced_directory.h"

namespace nopo {
namespace {

namespace v1 = moby::buildkit::v1;

// How long after a build's end its first sign of life may come.
constexpr absl::Duration kSilence = absl::Milliseconds(300);
// How long a cancelled build may take to let go of its containers.
constexpr absl::Duration kLettingGo = absl::Seconds(15);

// gRPC's shutdown can stall for ten seconds, so the reference taken here is never given back.
void PrepareGrpc() {
  static const bool prepared = [] {
    grpc_init();
    return true;
  }();
  (void)prepared;
}

// One call of Solve with its stream of progress.
class Attempt {
 public:
  Attempt(const SolveOptions& options, const BuildkitAddress& address, KeptDefinitions& kept,
          const std::function<void(const SolveEvent&)>& progress, const Cancellation& cancellation)
      : options_(options),
        address_(address),
        kept_(kept),
        progress_(progress),
        cancellation_(cancellation) {}

  absl::StatusOr<SolveResult> Run(const std::shared_ptr<grpc::Channel>& channel,
                                  const std::string& dockerfile_directory, BuildSession& session) {
    const std::string ref = NewBuildkitId();
    v1::SolveRequest request = SolveRequestFrom(options_, dockerfile_directory, ref, session.id());
    StatusStream status(channel, ref, [this](const v1::StatusResponse& response) {
      has_warnings_ |= response.warnings_size() > 0;
      for (const SolveEvent& event : merged_.Apply(response)) progress_(event);
    });
    v1::SolveResponse response;
    const std::string key = DefinitionKey(options_);
    const grpc::Status outcome = key.empty() ? Call(channel, request, response, cancellation_)
                                             : CallWithDefinition(channel, key, request, response);
    status.Finish(kSilence, outcome.ok() || !cancellation_.IsCancelled()
                                ? absl::InfiniteFuture()
                                : absl::Now() + kLettingGo);
    has_begun_ = status.HasBegun();
    if (!outcome.ok()) {
      kept_.Forget(key);
      return ErrorFrom(outcome);
    }
    // Warnings are the frontend's, and should come each time.
    if (!has_warnings_) kept_.Keep(key, made_);
    NOPO_RETURN_IF_ERROR(TagLocalExports(options_.cache_to, CacheManifest(response)));
    SolveResult result;
    ReadImageId(response, result);
    result.bytes_sent =
        session.TakeBytesSent(kContextDirectory) + session.TakeBytesSent(dockerfile_directory);
    result.session = session.id();
    result.repeats_frontend = repeats_;
    result.steps = merged_.steps();
    result.cached_steps = merged_.cached_steps();
    return result;
  }

  // Whether BuildKit took the build on.
  bool has_begun() const { return has_begun_; }

 private:
  static grpc::Status Call(const std::shared_ptr<grpc::Channel>& channel,
                           const v1::SolveRequest& request, v1::SolveResponse& response,
                           const Cancellation& cancellation) {
    grpc::ClientContext context;
    const auto registration = cancellation.OnCancel([&] { context.TryCancel(); });
    return v1::Control::NewStub(channel)->Solve(&context, request, &response);
  }

  // The same with what the frontend made in an earlier build, or so that it is known for later
  // ones.
  grpc::Status CallWithDefinition(const std::shared_ptr<grpc::Channel>& channel,
                                  const std::string& key, v1::SolveRequest& request,
                                  v1::SolveResponse& response) {
    v1::frontend::SolveRequest question;
    question.set_frontend(request.frontend());
    // They stay in the request too: newer BuildKits read SOURCE_DATE_EPOCH there for their
    // exporters.
    *question.mutable_frontend_opt() = request.frontend_attrs();
    request.clear_frontend();
    const std::shared_ptr<const v1::frontend::Result> known = kept_.Find(key);
    std::optional<pb::Definition> definition;
    if (known != nullptr) definition = OnSession(known->ref().def(), request.session());
    Cancellation over(cancellation_);
    GatewayAnswer answer;
    std::thread frontend([&] {
      answer = definition.has_value()
                   ? RepeatFrontend(channel, request.ref(), *known, *definition, over)
                   : AskFrontend(channel, request.ref(), question, over);
      if (!answer.is_delivered) over.Cancel();
    });
    const grpc::Status outcome = Call(channel, request, response, over);
    over.Cancel();
    frontend.join();
    repeats_ = definition.has_value();
    if (!repeats_) made_ = std::move(answer.result);
    const bool said_why =
        !answer.status.ok() && answer.status.error_code() != grpc::StatusCode::CANCELLED;
    return said_why && !outcome.ok() ? answer.status : outcome;
  }

  absl::Status ErrorFrom(const grpc::Status& outcome) const {
    NOPO_RETURN_IF_ERROR(cancellation_.Check());
    return SolveError({.code = outcome.error_code(),
                       .message = outcome.error_message(),
                       .details = outcome.error_details(),
                       .in_engine = address_.in_engine},
                      options_.dockerfile_name);
  }

  const SolveOptions& options_;
  const BuildkitAddress& address_;
  KeptDefinitions& kept_;
  const std::function<void(const SolveEvent&)>& progress_;
  const Cancellation& cancellation_;
  SolveProgress merged_;       // Touched by the stream's thread until that has finished.
  bool has_warnings_ = false;  // Likewise.
  v1::frontend::Result made_;  // By a frontend that was asked; else empty.
  bool repeats_ = false;       // What a frontend made before.
  bool has_begun_ = false;
};

// BuildKit inside an engine names its snapshotter only where that is containerd's, whose store
// keeps manifests; a BuildKit of its own always does.
constexpr char kSnapshotterLabel[] = "org.mobyproject.buildkit.worker.snapshotter";

absl::StatusOr<v1::ListWorkersResponse> ListWorkers(const std::shared_ptr<grpc::Channel>& channel,
                                                    const BuildkitAddress& address,
                                                    const Cancellation& cancellation) {
  grpc::ClientContext context;
  const auto registration = cancellation.OnCancel([&] { context.TryCancel(); });
  v1::ListWorkersResponse response;
  const grpc::Status outcome = v1::Control::NewStub(channel)->ListWorkers(&context, {}, &response);
  NOPO_RETURN_IF_ERROR(cancellation.Check());
  if (outcome.ok()) return response;
  return SolveError({.code = outcome.error_code(),
                     .message = outcome.error_message(),
                     .in_engine = address.in_engine},
                    "");
}

}  // namespace

BuildkitClient::BuildkitClient(BuildkitAddress address, BuildkitDialer dialer) {
  PrepareGrpc();
  control_ = std::make_unique<ControlConnection>(std::move(address), std::move(dialer));
  kept_ = std::make_unique<KeptDefinitions>();
}

BuildkitClient::~BuildkitClient() = default;

std::unique_ptr<RequestSessions> BuildkitClient::NewRequest(std::string shared_key) const {
  return std::make_unique<RequestSessions>(control_->address(), std::move(shared_key));
}

absl::StatusOr<BuildkitCapabilities> BuildkitClient::Capabilities(
    const Cancellation& cancellation) {
  while (true) {
    NOPO_ASSIGN_OR_RETURN(const ControlConnection::Lease lease, control_->Connect(cancellation));
    const absl::StatusOr<v1::ListWorkersResponse> workers =
        ListWorkers(lease.channel, address(), cancellation);
    if (absl::IsUnavailable(workers.status())) {
      control_->Drop(lease.channel);
      if (!lease.is_new) continue;
    }
    NOPO_RETURN_IF_ERROR(workers.status());
    BuildkitCapabilities capabilities;
    for (const v1::WorkerRecord& worker : workers->record()) {
      capabilities.has_manifests |= worker.labels().contains(kSnapshotterLabel);
    }
    return capabilities;
  }
}

const BuildkitAddress& BuildkitClient::address() const { return control_->address(); }

absl::StatusOr<SolveResult> BuildkitClient::Solve(
    const SolveOptions& asked, RequestSessions& sessions,
    const std::function<void(const SolveEvent&)>& progress, const Cancellation& cancellation) {
  SolveOptions options = asked;
  options.cache_from = WithLocalDigests(std::move(options.cache_from));
  const auto dockerfile = std::make_shared<MemoryDirectory>(DockerfileDirectory(options));
  const std::string dockerfile_name = absl::StrCat("dockerfile-", dockerfile->version());
  SessionOffer offer;
  offer.directories = {{kContextDirectory, options.context}, {dockerfile_name, dockerfile}};
  if (options.receive) offer.images[ExportedName(options)] = options.receive;
  offer.stores = LocalImageStores(options);
  offer.stores.merge(LocalCacheStores(options.cache_from, options.cache_to));
  while (true) {
    NOPO_ASSIGN_OR_RETURN(const ControlConnection::Lease lease, control_->Connect(cancellation));
    if (lease.is_new || options.pull || options.no_cache) kept_->Clear();
    NOPO_ASSIGN_OR_RETURN(
        const std::shared_ptr<BuildSession> serving,
        sessions.Serving(options.context_key, options.grants, offer, lease.channel, cancellation));
    Attempt attempt(options, address(), *kept_, progress, cancellation);
    absl::StatusOr<SolveResult> result = attempt.Run(lease.channel, dockerfile_name, *serving);
    if (!absl::IsUnavailable(result.status())) return result;
    control_->Drop(lease.channel);
    // A kept connection may have died with the engine's last restart; that is no news of this
    // build.
    if (attempt.has_begun()) return result;
    if (lease.is_new) return WithTlsHint(result.status());
  }
}

void BuildkitClient::ForgetDockerfile(const SolveOptions& options) {
  kept_->Forget(DefinitionKey(options));
}

absl::Status BuildkitClient::WithTlsHint(absl::Status failure) const {
  const Endpoint& endpoint = address().endpoint;
  if (endpoint.kind == Endpoint::Kind::kUnix || endpoint.tls.has_value()) return failure;
  return WithHint(std::move(failure),
                  "If BuildKit wants TLS there, set BUILDKIT_TLS_DIR to a folder with ca.pem, "
                  "cert.pem and key.pem.");
}

}  // namespace nopo
