using System;

namespace Umo.Tests
{
    /// <summary>A test has failed.</summary>
    sealed class FailedException : Exception
    {
        public FailedException(string message) : base(message)
        {
        }
    }

    static class Check
    {
        public static void True(bool isSo, string what)
        {
            if (!isSo)
            {
                throw new FailedException(what);
            }
        }

        public static void Equal<T>(T expected, T actual, string what)
        {
            True(
                object.Equals(expected, actual),
                what + ": expected " + expected + ", got " + actual);
        }

        public static void Near(double expected, double actual, double most, string what)
        {
            True(
                Math.Abs(expected - actual) <= most,
                what + ": expected " + expected + " +- " + most + ", got " + actual);
        }

        public static UmoException Fails(string code, Action action)
        {
            try
            {
                action();
            }
            catch (UmoException error)
            {
                Equal(code, error.Code, "code of: " + error.Message);
                True(error.Message.IndexOf('\n') < 0, "one line: " + error.Message);
                return error;
            }
            throw new FailedException("nothing failed with " + code);
        }
    }
}
