using System;
using System.Reflection.Emit;

namespace Umo.Tests
{
    /// <summary>Makes code while it runs, which full ahead-of-time compilation must refuse.</summary>
    static class JitProgram
    {
        static int Main()
        {
            var method = new DynamicMethod("answer", typeof(int), Type.EmptyTypes);
            ILGenerator code = method.GetILGenerator();
            code.Emit(OpCodes.Ldc_I4, 42);
            code.Emit(OpCodes.Ret);
            Console.WriteLine("answer " + ((Func<int>)method.CreateDelegate(typeof(Func<int>)))());
            return 0;
        }
    }
}
