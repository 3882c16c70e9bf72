#include "daemon/buildkit/llb_definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "buildkit/ops.pb.h"
#include "daemon/buildkit/sha256.h"

namespace nopo {
namespace {

using Attrs = std::map<std::string, std::string>;

std::string DigestOf(const std::string& bytes) {
  Sha256 hash;
  hash.Update(bytes);
  return hash.Digest();
}

pb::Op Source(const std::string& identifier, const Attrs& attrs = {}) {
  pb::Op op;
  op.mutable_source()->set_identifier(identifier);
  op.mutable_source()->mutable_attrs()->insert(attrs.begin(), attrs.end());
  return op;
}

pb::Op After(const std::vector<std::string>& digests) {
  pb::Op op;
  for (const std::string& digest : digests) op.add_inputs()->set_digest(digest);
  return op;
}

// Adds a step with a name and a place; its digest.
std::string Add(const pb::Op& op, const std::string& name, pb::Definition& definition) {
  definition.add_def(op.SerializeAsString());
  const std::string digest = DigestOf(definition.def().rbegin()[0]);
  (*definition.mutable_metadata())[digest] = name;
  (*definition.mutable_source()->mutable_locations())[digest] = "line of " + name;
  return digest;
}

pb::Op StepAt(int position, const pb::Definition& definition) {
  pb::Op op;
  EXPECT_TRUE(op.ParseFromString(definition.def(position)));
  return op;
}

// FROM an image, COPY of a file of the context upon it, and the end.
class LlbDefinitionTest : public testing::Test {
 protected:
  pb::Definition definition_;
  const std::string image_ = Add(Source("docker-image://busybox:1"), "from", definition_);
  const std::string context_ =
      Add(Source("local://context",
                 {{"local.session", "old"}, {"local.unique", "once"}, {"local.followpaths", "a"}}),
          "context", definition_);
  // A FileOp, which is passed on unread.
  const std::string copy_ = [this] {
    pb::Op op = After({image_, context_});
    op.GetReflection()->MutableUnknownFields(&op)->AddLengthDelimited(4, "copy it");
    return Add(op, "copy", definition_);
  }();
  const std::string end_ = Add(After({copy_}), "end", definition_);
};

TEST_F(LlbDefinitionTest, TakesDirectoriesFromTheOtherSession) {
  const auto moved = OnSession(definition_, "new");

  ASSERT_TRUE(moved.has_value());
  const pb::Op context = StepAt(1, *moved);
  EXPECT_EQ(context.source().attrs().at("local.session"), "new");
  EXPECT_NE(context.source().attrs().at("local.unique"), "once");
  EXPECT_EQ(context.source().attrs().at("local.followpaths"), "a");
}

TEST_F(LlbDefinitionTest, RenamesWhatComesAfterThem) {
  const auto moved = OnSession(definition_, "new");

  ASSERT_TRUE(moved.has_value());
  EXPECT_EQ(moved->def(0), definition_.def(0)) << "the image's own step is as it was";
  const pb::Op copy = StepAt(2, *moved), end = StepAt(3, *moved);
  EXPECT_EQ(copy.inputs(0).digest(), image_);
  EXPECT_EQ(copy.inputs(1).digest(), DigestOf(moved->def(1)));
  EXPECT_EQ(end.inputs(0).digest(), DigestOf(moved->def(2)));
}

TEST_F(LlbDefinitionTest, KeepsNamesAndPlacesOfSteps) {
  const auto moved = OnSession(definition_, "new");

  ASSERT_TRUE(moved.has_value());
  EXPECT_EQ(moved->metadata().at(image_), "from");
  EXPECT_EQ(moved->metadata().at(DigestOf(moved->def(2))), "copy");
  EXPECT_EQ(moved->source().locations().at(DigestOf(moved->def(2))), "line of copy");
  EXPECT_EQ(moved->metadata_size(), 4);
}

TEST_F(LlbDefinitionTest, PassesOnWhatItDoesNotRead) {
  const auto moved = OnSession(definition_, "new");

  ASSERT_TRUE(moved.has_value());
  const pb::Op copy = StepAt(2, *moved);
  const auto& unknown = copy.GetReflection()->GetUnknownFields(copy);
  ASSERT_EQ(unknown.field_count(), 1);
  EXPECT_EQ(unknown.field(0).number(), 4);
  EXPECT_EQ(unknown.field(0).length_delimited(), "copy it");
}

TEST_F(LlbDefinitionTest, LeavesADefinitionWithoutDirectoriesAlone) {
  pb::Definition definition;
  const std::string image = Add(Source("docker-image://busybox:1"), "from", definition);
  Add(After({image}), "end", definition);

  const auto moved = OnSession(definition, "new");

  ASSERT_TRUE(moved.has_value());
  EXPECT_EQ(moved->def(0), definition.def(0));
  EXPECT_EQ(moved->def(1), definition.def(1));
}

TEST_F(LlbDefinitionTest, GivesUpWhereItDoesNotUnderstand) {
  pb::Definition other_session;
  Add(Source("oci-layout://base", {{"oci.session", "old"}}), "from", other_session);
  pb::Definition no_session;
  Add(Source("local://context"), "context", no_session);
  pb::Definition disorderly;
  Add(After({DigestOf("later")}), "end", disorderly);
  pb::Definition no_step;
  no_step.add_def("\xff");

  EXPECT_FALSE(OnSession(other_session, "new").has_value());
  EXPECT_FALSE(OnSession(no_session, "new").has_value());
  EXPECT_FALSE(OnSession(disorderly, "new").has_value());
  EXPECT_FALSE(OnSession(no_step, "new").has_value());
}

}  // namespace
}  // namespace nopo
