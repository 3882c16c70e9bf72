#include "daemon/buildkit/gateway_build.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "buildkit/gateway.grpc.pb.h"

namespace nopo {
namespace {

namespace v1 = moby::buildkit::v1::frontend;

// BuildKit's side: what it answers, and what it was told. Calls come one after the other.
class Bridge final : public v1::LLBBridge::Service {
 public:
  grpc::Status Solve(grpc::ServerContext* context, const v1::SolveRequest* request,
                     v1::SolveResponse* response) override {
    const auto ref = context->client_metadata().find("buildkit-controlapi-buildid");
    if (ref != context->client_metadata().end()) build = {ref->second.data(), ref->second.size()};
    question = *request;
    if (++questions <= unknown_times) {
      return grpc::Status(grpc::StatusCode::UNKNOWN, "no such job b1");
    }
    *response->mutable_result() = answer;
    return solving;
  }
  grpc::Status Return(grpc::ServerContext*, const v1::ReturnRequest* request,
                      v1::ReturnResponse*) override {
    returned = *request;
    return returning;
  }

  int unknown_times = 0, questions = 0;
  v1::Result answer;
  grpc::Status solving, returning;
  std::string build;
  v1::SolveRequest question;
  v1::ReturnRequest returned;
};

class GatewayBuildTest : public testing::Test {
 protected:
  GatewayBuildTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&bridge_);
    server_ = builder.BuildAndStart();
    bridge_.answer.mutable_ref()->set_id("r1");
    bridge_.answer.mutable_ref()->mutable_def()->add_def("steps");
    (*bridge_.answer.mutable_metadata())["containerimage.config"] = "{}";
  }
  ~GatewayBuildTest() override { server_->Shutdown(); }

  GatewayAnswer Ask() {
    v1::SolveRequest question;
    question.set_frontend("dockerfile.v0");
    return AskFrontend(server_->InProcessChannel({}), "b1", question, never_);
  }

  const Cancellation never_;
  Bridge bridge_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(GatewayBuildTest, HandsTheFrontendsAnswerToTheBuild) {
  const GatewayAnswer answer = Ask();

  EXPECT_TRUE(answer.status.ok() && answer.is_delivered);
  EXPECT_EQ(answer.result.ref().def().def(0), "steps");
  EXPECT_EQ(bridge_.build, "b1");
  EXPECT_EQ(bridge_.question.frontend(), "dockerfile.v0");
  EXPECT_EQ(bridge_.returned.result().ref().id(), "r1");
  EXPECT_EQ(bridge_.returned.result().metadata().at("containerimage.config"), "{}");
}

TEST_F(GatewayBuildTest, RepeatsWhatWasMadeBefore) {
  const v1::Result known = bridge_.answer;
  bridge_.answer.clear_metadata();
  pb::Definition definition;
  definition.add_def("moved steps");

  const GatewayAnswer answer =
      RepeatFrontend(server_->InProcessChannel({}), "b1", known, definition, never_);

  EXPECT_TRUE(answer.is_delivered);
  EXPECT_EQ(bridge_.question.frontend(), "");
  EXPECT_EQ(bridge_.question.definition().def(0), "moved steps");
  EXPECT_EQ(bridge_.returned.result().metadata().at("containerimage.config"), "{}");
}

TEST_F(GatewayBuildTest, TellsTheBuildOfAFrontendThatFailed) {
  bridge_.solving = grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no FROM");

  const GatewayAnswer answer = Ask();

  EXPECT_EQ(answer.status.error_message(), "no FROM");
  EXPECT_TRUE(answer.is_delivered);
  EXPECT_EQ(bridge_.returned.error().code(), int{grpc::StatusCode::INVALID_ARGUMENT});
  EXPECT_EQ(bridge_.returned.error().message(), "no FROM");
}

TEST_F(GatewayBuildTest, WaitsForABuildThatIsLongInBeginning) {
  bridge_.unknown_times = 3;

  EXPECT_TRUE(Ask().is_delivered);

  EXPECT_EQ(bridge_.questions, 4);
}

TEST_F(GatewayBuildTest, SaysThatTheBuildHasNotHeard) {
  bridge_.returning = grpc::Status(grpc::StatusCode::UNKNOWN, "no such ref");

  const GatewayAnswer answer = Ask();

  EXPECT_FALSE(answer.is_delivered);
  EXPECT_EQ(answer.status.error_message(), "no such ref");
}

}  // namespace
}  // namespace nopo
