#include "daemon/buildkit/gateway_build.h"

#include <utility>

#include "absl/strings/match.h"
#include "buildkit/gateway.grpc.pb.h"

namespace nopo {
namespace {

namespace v1 = moby::buildkit::v1::frontend;

// A call in the name of build `ref`.
class Call {
 public:
  Call(const std::string& ref, const Cancellation& cancellation)
      : registration_(cancellation.OnCancel([this] { context_.TryCancel(); })) {
    context_.AddMetadata("buildkit-controlapi-buildid", ref);
  }
  grpc::ClientContext* context() { return &context_; }

 private:
  grpc::ClientContext context_;
  const Cancellation::Registration registration_;
};

// BuildKit waits three seconds for the build of that name, which a busy machine may not keep.
bool HasNotBegun(const grpc::Status& status) {
  return absl::StrContains(status.error_message(), "no such job");
}

class Frontend {
 public:
  Frontend(const std::shared_ptr<grpc::Channel>& channel, const std::string& ref,
           const Cancellation& cancellation)
      : stub_(v1::LLBBridge::NewStub(channel)), ref_(ref), cancellation_(cancellation) {}

  GatewayAnswer Ask(v1::SolveRequest question) {
    question.set_allow_result_return(true);
    question.set_allow_result_array_ref(true);
    v1::SolveResponse response;
    GatewayAnswer answer;
    do {
      Call call(ref_, cancellation_);
      answer.status = stub_->Solve(call.context(), question, &response);
    } while (HasNotBegun(answer.status) && !cancellation_.IsCancelled());
    answer.result = std::move(*response.mutable_result());
    return answer;
  }

  void Return(GatewayAnswer& answer) {
    v1::ReturnRequest request;
    if (answer.status.ok()) {
      *request.mutable_result() = answer.result;
      if (request.result().has_ref()) request.mutable_result()->mutable_ref()->clear_def();
    } else {
      request.mutable_error()->set_code(answer.status.error_code());
      request.mutable_error()->set_message(answer.status.error_message());
    }
    Call call(ref_, cancellation_);
    v1::ReturnResponse response;
    const grpc::Status heard = stub_->Return(call.context(), request, &response);
    answer.is_delivered = heard.ok();
    if (answer.status.ok()) answer.status = heard;
  }

 private:
  const std::unique_ptr<v1::LLBBridge::Stub> stub_;
  const std::string ref_;
  const Cancellation& cancellation_;
};

}  // namespace

GatewayAnswer AskFrontend(const std::shared_ptr<grpc::Channel>& channel, const std::string& ref,
                          const v1::SolveRequest& question, const Cancellation& cancellation) {
  Frontend frontend(channel, ref, cancellation);
  GatewayAnswer answer = frontend.Ask(question);
  frontend.Return(answer);
  return answer;
}

GatewayAnswer RepeatFrontend(const std::shared_ptr<grpc::Channel>& channel, const std::string& ref,
                             const v1::Result& known, pb::Definition definition,
                             const Cancellation& cancellation) {
  Frontend frontend(channel, ref, cancellation);
  v1::SolveRequest question;
  *question.mutable_definition() = std::move(definition);
  GatewayAnswer answer = frontend.Ask(std::move(question));
  *answer.result.mutable_metadata() = known.metadata();
  frontend.Return(answer);
  return answer;
}

}  // namespace nopo
