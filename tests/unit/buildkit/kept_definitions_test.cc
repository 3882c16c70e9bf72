#include "daemon/buildkit/kept_definitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "buildkit/gateway.pb.h"

namespace nopo {
namespace {

SolveOptions Plain() {
  return {.dockerfile_text = "FROM busybox:1\n",
          .dockerignore_text = "*.log\n",
          .base_images = {{{"busybox:1", "sha256:1"}}}};
}

std::string KeyWith(const std::function<void(SolveOptions&)>& change) {
  SolveOptions options = Plain();
  change(options);
  return DefinitionKey(options);
}

KeptDefinitions::Result ResultNamed(const std::string& name) {
  KeptDefinitions::Result result;
  result.mutable_ref()->mutable_def()->add_def(name);
  return result;
}

TEST(DefinitionKeyTest, IsAnotherForAllThatTheFrontendReads) {
  const std::set<std::string> keys = {
      DefinitionKey(Plain()),
      KeyWith([](SolveOptions& o) { o.dockerfile_text += "RUN true\n"; }),
      KeyWith([](SolveOptions& o) { o.dockerfile_name = "apps/web/Dockerfile"; }),
      KeyWith([](SolveOptions& o) { o.dockerignore_text = ""; }),
      KeyWith([](SolveOptions& o) { o.target = "test"; }),
      KeyWith([](SolveOptions& o) { o.build_args["COLOUR"] = "red"; }),
      KeyWith([](SolveOptions& o) { o.labels["COLOUR"] = "red"; }),
      KeyWith([](SolveOptions& o) { o.network_mode = "none"; }),
      KeyWith([](SolveOptions& o) { (*o.base_images)["busybox:1"] = "sha256:2"; }),
  };

  EXPECT_EQ(keys.size(), 9u);
  EXPECT_FALSE(keys.contains(""));
}

TEST(DefinitionKeyTest, IsTheSameForOtherFilesAndNames) {
  EXPECT_EQ(KeyWith([](SolveOptions& o) { o.tags = {"web:2"}; }), DefinitionKey(Plain()));
  EXPECT_EQ(KeyWith([](SolveOptions& o) { o.context_key = "other"; }), DefinitionKey(Plain()));
}

TEST(DefinitionKeyTest, IsNoneWhereTheFrontendHasToLookItself) {
  EXPECT_EQ(KeyWith([](SolveOptions& o) { o.base_images.reset(); }), "");
  EXPECT_EQ(KeyWith([](SolveOptions& o) { o.no_cache = true; }), "");
  EXPECT_EQ(KeyWith([](SolveOptions& o) { o.pull = true; }), "");
  EXPECT_EQ(KeyWith([](SolveOptions& o) { o.platforms = {"linux/arm64"}; }), "");
  EXPECT_EQ(KeyWith([](SolveOptions& o) { o.cache_from = {{.type = "registry"}}; }), "");
  EXPECT_EQ(KeyWith([](SolveOptions& o) { o.destination = ImageDestination::kRegistry; }), "");
  EXPECT_EQ(KeyWith([](SolveOptions& o) { o.build_args["BUILDKIT_SYNTAX"] = "x"; }), "");
  EXPECT_EQ(KeyWith([](SolveOptions& o) { o.dockerignore_text.reset(); }), "");
  for (const char* text : {"# Syntax = x\nFROM a\n", "FROM --platform=linux/arm64 a\n",
                           "FROM a AS amd64\nfrom $TARGETARCH\n", "FROM \\\n  a-${BUILDARCH}\n"}) {
    EXPECT_EQ(KeyWith([&](SolveOptions& o) { o.dockerfile_text = text; }), "") << text;
  }
  EXPECT_NE(KeyWith([](SolveOptions& o) { o.dockerfile_text = "FROM a\nRUN get $TARGETARCH\n"; }),
            "");
}

TEST(KeptDefinitionsTest, GivesBackWhatWasKeptUntilItIsForgotten) {
  KeptDefinitions kept;
  kept.Keep("web", ResultNamed("steps of web"));

  ASSERT_NE(kept.Find("web"), nullptr);
  EXPECT_EQ(kept.Find("web")->ref().def().def(0), "steps of web");
  EXPECT_EQ(kept.Find("api"), nullptr);

  kept.Forget("web");
  EXPECT_EQ(kept.Find("web"), nullptr);
}

TEST(KeptDefinitionsTest, KeepsNeitherEmptyNorLargeOnes) {
  KeptDefinitions kept;
  kept.Keep("empty", {});
  kept.Keep("large", ResultNamed(std::string(1 << 20, 'x')));

  EXPECT_EQ(kept.Find("empty"), nullptr);
  EXPECT_EQ(kept.Find("large"), nullptr);
}

TEST(KeptDefinitionsTest, GivesUpTheOldestOfTooMany) {
  KeptDefinitions kept;
  for (int i = 0; i < 1000; ++i) kept.Keep(std::to_string(i), ResultNamed("x"));

  EXPECT_EQ(kept.Find("0"), nullptr);
  EXPECT_NE(kept.Find("999"), nullptr);
}

}  // namespace
}  // namespace nopo
